/** Addresses that plain forms are sent to: the API takes them, sets the cookies and sends the browser on. */
export const FORMS = {
  signIn: "/api/auth/login",
  register: "/api/auth/register",
  signOut: "/api/auth/logout",
  preferences: "/api/auth/preferences",
} as const;
