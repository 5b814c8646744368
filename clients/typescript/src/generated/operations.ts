// Made by `npm run generate` from openapi.yaml: change that.

/** Method, path, flags and, beside a body, the query's parameters. The flags: scripts/generate.mjs. */
export const operationTable = {
  adminLogin: "POST /admin/login pb",
  listApps: "GET /admin/apps s",
  registerApp: "POST /admin/apps sb",
  updateApp: "PATCH /admin/apps/{appId} sb",
  rotateKey: "POST /admin/apps/{appId}/rotate-key sb",
  listSecretKeys: "GET /admin/apps/{appId}/secret-keys s",
  createSecretKey: "POST /admin/apps/{appId}/secret-keys sb",
  deleteSecretKey: "DELETE /admin/apps/{appId}/secret-keys/{keyId} s",
  createSeats: "POST /admin/seats sib",
  listAllBookings: "GET /admin/bookings s",
  analytics: "GET /admin/analytics s",
  signup: "POST /auth/signup ab",
  login: "POST /auth/login ab",
  listSeats: "GET /seats u",
  reserve: "POST /reserve-seat uib",
  confirm: "POST /confirm-booking uib",
  release: "POST /release-seat uib",
  listBookings: "GET /bookings u",
  getBooking: "GET /bookings/{bookingId} u",
  listReservations: "GET /reservations u",
  health: "GET /health p",
} as const;
