"""The names of codes in English and Korean, which pages show in filters and titles. Data only."""

from __future__ import annotations

from tasks.titles import BRAND_NAMES

Names = dict[str, tuple[str, str]]

BRANDS: Names = BRAND_NAMES

REGIONS: Names = {
    "las_vegas": ("Las Vegas", "라스베이거스"),
    "europe": ("Europe", "유럽"),
    "paradise": ("Paradise (Bahamas)", "파라다이스 (바하마)"),
    "apac": ("Asia Pacific", "아시아 태평양"),
    "circuit": ("Circuit", "서킷"),
    "super_circuit": ("Super Circuit", "슈퍼 서킷"),
}

EVENT_TYPES: Names = {
    "main_event": ("Main Event", "메인 이벤트"),
    "bracelet": ("Bracelet event", "브레이슬릿 이벤트"),
    "other": ("Other event", "기타 이벤트"),
}

# The official names of events and the parts of such names: `tasks/titles/vocabulary/events.toml`.
EVENTS: Names = {
    "Main Event": ("Main Event", "메인 이벤트"),
    "Main Event Championship": ("Main Event Championship", "메인 이벤트 챔피언십"),
    "Super Main Event": ("Super Main Event", "슈퍼 메인 이벤트"),
    "Mini Main Event": ("Mini Main Event", "미니 메인 이벤트"),
    "Tournament of Champions": ("Tournament of Champions", "토너먼트 오브 챔피언스"),
    "Poker Players Championship": ("Poker Players Championship", "포커 플레이어스 챔피언십"),
    "Heads-Up Championship": ("Heads-Up Championship", "헤즈업 챔피언십"),
    "National Championship": ("National Championship", "내셔널 챔피언십"),
    "Global Casino Championship": ("Global Casino Championship", "글로벌 카지노 챔피언십"),
    "European Championship": ("European Championship", "유러피언 챔피언십"),
    "Ladies Championship": ("Ladies Championship", "레이디스 챔피언십"),
    "Big One for One Drop": ("Big One for One Drop", "빅 원 포 원 드롭"),
    "Mystery Millions": ("Mystery Millions", "미스터리 밀리언스"),
    "Mystery Bounty": ("Mystery Bounty", "미스터리 바운티"),
    "Monster Stack": ("Monster Stack", "몬스터 스택"),
    "Millionaire Maker": ("Millionaire Maker", "밀리어네어 메이커"),
    "Colossus": ("Colossus", "콜로서스"),
    "Gladiators of Poker": ("Gladiators of Poker", "글래디에이터스 오브 포커"),
    "Grand Final": ("Grand Final", "그랜드 파이널"),
    "Grudge Match": ("Grudge Match", "그러지 매치"),
    "Cash Game": ("Cash Game", "캐시 게임"),
    "High Roller": ("High Roller", "하이 롤러"),
    "Super High Roller": ("Super High Roller", "슈퍼 하이 롤러"),
    "Diamond High Roller": ("Diamond High Roller", "다이아몬드 하이 롤러"),
    "Platinum High Roller": ("Platinum High Roller", "플래티넘 하이 롤러"),
    "Championship": ("Championship", "챔피언십"),
    "Freezeout": ("Freezeout", "프리즈아웃"),
    "Shootout": ("Shootout", "슛아웃"),
    "Tag Team": ("Tag Team", "태그 팀"),
    "Short Deck": ("Short Deck", "숏덱"),
    "Bounty": ("Bounty", "바운티"),
    "Ladies": ("Ladies", "레이디스"),
    "Seniors": ("Seniors", "시니어스"),
    "Turbo": ("Turbo", "터보"),
}

GAMES: Names = {
    "NLHE": ("No-Limit Hold'em", "노리밋 홀덤"),
    "LHE": ("Limit Hold'em", "리밋 홀덤"),
    "PLO": ("Pot-Limit Omaha", "팟리밋 오마하"),
    "PLO8": ("Pot-Limit Omaha Hi-Lo", "팟리밋 오마하 하이로우"),
    "O8": ("Omaha Hi-Lo", "오마하 하이로우"),
    "STUD": ("Seven Card Stud", "세븐 카드 스터드"),
    "RAZZ": ("Razz", "래즈"),
    "2-7": ("2-7 Lowball", "2-7 로우볼"),
    "MIXED": ("Mixed games", "믹스 게임"),
}

STAGES: Names = {
    "final_table": ("Final table", "파이널 테이블"),
    "final_day": ("Final day", "마지막 날"),
    "heads_up": ("Heads-up", "헤즈업"),
    "final_four": ("Final four", "파이널 4"),
}

CONTENT_TYPES: Names = {
    "stream": ("Stream", "스트리밍"),
    "episode": ("Episode", "에피소드"),
    "hand_clip": ("Hand", "핸드 클립"),
    "clip": ("Clip", "클립"),
    "best_of": ("Best of", "베스트 모음"),
}

QUALITIES: Names = {"sd": ("SD", "SD"), "hd": ("HD", "HD"), "4k": ("4K", "4K")}

WATCHED: Names = {
    "new": ("Not watched", "안 본 영상"),
    "begun": ("Begun", "보는 중"),
    "watched": ("Watched", "다 본 영상"),
}

VERDICTS: Names = {
    "direct": ("Plays as it is", "바로 재생 가능"),
    "remux": ("Needs another container", "컨테이너 변환 필요"),
    "transcode": ("Needs to be encoded again", "다시 인코딩 필요"),
    "broken": ("Broken", "손상됨"),
}

REASONS: Names = {
    "file": ("File", "파일"),
    "video": ("Picture", "영상"),
    "container": ("Container", "컨테이너"),
    "video_codec": ("Video codec", "비디오 코덱"),
    "video_profile": ("Video profile", "비디오 프로필"),
    "pixel_format": ("Pixel format", "픽셀 형식"),
    "audio_codec": ("Audio codec", "오디오 코덱"),
    "audio_tracks": ("Audio tracks", "오디오 트랙"),
    "codecs": ("Codecs that no container takes together", "한 컨테이너에 함께 담을 수 없는 코덱"),
    "codecs_in": ("Codecs in this container", "이 컨테이너의 코덱"),
    "moov": ("Place of the index", "색인 위치"),
    "scan": ("Interlacing", "인터레이스"),
    "duration": ("Duration", "길이"),
}

RENDITIONS: Names = {
    "not_planned": ("Not planned", "변환 계획 없음"),
    "waiting": ("Waiting for preparation", "변환 대기 중"),
    "running": ("Being prepared", "변환 중"),
    "failed": ("Preparation failed", "변환 실패"),
    "ready": ("Prepared", "변환 완료"),
}

ROWS: Names = {
    "continue_watching": ("Continue watching", "이어 보기"),
    "watchlist": ("My list", "내 목록"),
    "recently_added": ("Recently added", "새로 추가됨"),
    "trending": ("Trending this week", "이번 주 인기"),
    "main_event": ("Main Event", "메인 이벤트"),
    "best_hands": ("Best hands", "베스트 핸드"),
}
