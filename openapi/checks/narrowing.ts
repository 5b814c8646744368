// What a TypeScript client can rely on. `make check-openapi` compiles this file; nothing runs it.
import type { components, operations } from "./generated/api.js";

/** All bodies that an operation may respond with. */
type Bodies<Id extends keyof operations> = {
  [Status in keyof operations[Id]["responses"]]: operations[Id]["responses"][Status] extends {
    content: { "application/json": infer Body };
  }
    ? Body
    : never;
}[keyof operations[Id]["responses"]];

type CodeIn<Body> = Body extends { success: false; error: { code: infer Code } } ? Code : never;
type CodeOf<Id extends keyof operations> = CodeIn<Bodies<Id>>;

declare function numbers(value: number): void;
declare function texts(value: string): void;

export function aResponseIsNarrowedBySuccess(body: Bodies<"confirm">): void {
  if (body.success) {
    texts(body.data.bookingId);
    // @ts-expect-error: a success has no error.
    body.error;
  } else {
    texts(body.error.requestId);
    // @ts-expect-error: an error has no data.
    body.data;
  }
}

export function anErrorIsNarrowedByCode(body: Bodies<"reserve">): void {
  if (body.success) return;
  const { error } = body;
  switch (error.code) {
    case "SEAT_ALREADY_LOCKED":
      numbers(error.details.expiresIn);
      texts(error.details.conflicts[0]!.seatId);
      break;
    case "SEAT_ALREADY_BOOKED":
      texts(error.details.conflicts[0]!.seatId);
      // @ts-expect-error: a sold seat does not expire.
      error.details.expiresIn;
      break;
    case "VALIDATION_ERROR":
      texts(error.details.fields[0]!.reason);
      break;
    case "RESERVATION_EXPIRED": {
      const refundDue: true | undefined = error.details?.refundDue;
      void refundDue;
      break;
    }
    case "SEAT_NOT_FOUND":
      // @ts-expect-error: this error has no details.
      error.details;
      break;
    // @ts-expect-error: signing up fails with this code, reserving does not.
    case "EMAIL_TAKEN":
      break;
  }
}

export function eachOperationHasOnlyItsCodes(): void {
  const login: CodeOf<"login"> = "INVALID_CREDENTIALS";
  // @ts-expect-error: a request without a body is never too large.
  const listing: CodeOf<"listSeats"> = "PAYLOAD_TOO_LARGE";
  void [login, listing];
}

export function healthHasDetailsOfItsOwn(body: Bodies<"health">): void {
  if (body.success || body.error.code !== "SERVICE_UNAVAILABLE") return;
  if (body.error.details) texts(body.error.details.mongo);
}

export function whatAResponseAlwaysHasIsRequired(
  app: Extract<Bodies<"registerApp">, { success: true }>,
  user: Extract<Bodies<"login">, { success: true }>,
): void {
  texts(app.data.apiKey);
  texts(user.data.user.userId);
}

export function aLimitIsANumber(query: NonNullable<operations["listApps"]["parameters"]["query"]>) {
  query.limit = 20;
  // @ts-expect-error: an optional parameter may be absent, but not undefined.
  query.limit = undefined;
}

export const seat: components["schemas"]["NewSeat"] = { seatNumber: "A1", price: 45_000 };
