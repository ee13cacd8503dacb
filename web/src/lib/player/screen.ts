/** The full screen of an iPhone, which only a `<video>` can have. */
type IphoneVideo = HTMLVideoElement & { webkitEnterFullscreen?: () => void };

export function isFullscreen(): boolean {
  return document.fullscreenElement !== null;
}

export async function toggleFullscreen(stage: HTMLElement | null, video: IphoneVideo | null): Promise<void> {
  try {
    if (isFullscreen()) await document.exitFullscreen();
    else if (stage?.requestFullscreen) await stage.requestFullscreen();
    else video?.webkitEnterFullscreen?.();
  } catch {
    // The browser refuses without a fresh click; nothing has changed.
  }
}

/** Show the film in a window of its own, or bring it back; false if the browser cannot. */
export async function togglePicture(video: HTMLVideoElement | null): Promise<boolean> {
  try {
    if (document.pictureInPictureElement) await document.exitPictureInPicture();
    else await video?.requestPictureInPicture();
    return true;
  } catch {
    return false;
  }
}
