// Made by `npm run generate` from openapi.yaml: change that.
export interface paths {
    "/admin/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign in as admin
         * @description Too many wrong passwords for one account return 429. While Redis is unavailable, the response is 503.
         */
        post: operations["adminLogin"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/apps": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the tenants
         * @description Oldest first. API keys are not shown.
         */
        get: operations["listApps"];
        put?: never;
        /**
         * Register a tenant
         * @description The API key is shown only in this response. Without `appId`, one is generated. `allowedDomains` may be empty only with `allowServerRequests: true`.
         */
        post: operations["registerApp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/apps/{appId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change a tenant, or switch it off
         * @description Send at least one field. `isActive: false` switches the app off: its next request gets `APP_INACTIVE`. While Redis is unavailable, this takes up to 5 s.
         */
        patch: operations["updateApp"];
        trace?: never;
    };
    "/admin/apps/{appId}/rotate-key": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a new API key
         * @description The new key is shown only in this response. The old key works for `overlapSeconds` more, even if the key is rotated again in between. Without an overlap, every older key ends at once. Five keys can be valid at a time. The body may be omitted.
         */
        post: operations["rotateKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/apps/{appId}/secret-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the secret keys
         * @description Oldest first. The keys themselves are not shown.
         */
        get: operations["listSecretKeys"];
        put?: never;
        /**
         * Create a secret key
         * @description A secret key authenticates the tenant's own server, as a bearer token. It must never be in a page. The key is shown only in this response. An app has at most 10.
         */
        post: operations["createSecretKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/apps/{appId}/secret-keys/{keyId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Delete a secret key
         * @description The key stops working within 5 s, and at its next request while Redis is up.
         */
        delete: operations["deleteSecretKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/apps/{appId}/payments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read who takes an app's payments
         * @description The response never contains a secret.
         */
        get: operations["getPayments"];
        /**
         * Set who takes an app's payments
         * @description Stripe needs `secretKey`, `publishableKey` and `webhookSecret`; Razorpay needs `keyId`, `keySecret` and `webhookSecret`. Register the URL in the response at the provider. Replaced keys are kept for the payments that were made with them.
         */
        put: operations["putPayments"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/apps/{appId}/entities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List an app's entities
         * @description Entities are sorted by `startsAt`; entities without a date come last. Entities that exist only through their seats are not listed.
         */
        get: operations["listEntitySettings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/apps/{appId}/entities/{entityId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read an entity's settings
         * @description Send the response's `etag` as `If-Match` to change only this version.
         */
        get: operations["getEntitySettings"];
        /**
         * Create an entity, or replace its settings
         * @description Omitted fields are cleared, except `state` and `currency`. `If-Match: "<version>"` replaces only that version. `If-Match: *` replaces only an entity that exists.
         */
        put: operations["putEntity"];
        post?: never;
        /**
         * Delete an entity
         * @description Deletes the settings and the seats. If a seat was ever held, the response is 409.
         */
        delete: operations["deleteEntity"];
        options?: never;
        head?: never;
        /**
         * Change some settings of an entity
         * @description Omitted fields stay as they are; `null` clears an optional field. A change of `state` takes effect at once. `If-Match` works as with PUT.
         */
        patch: operations["patchEntity"];
        trace?: never;
    };
    "/admin/apps/{appId}/entities/{entityId}/rotate-feed-key": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a new feed key
         * @description Replaces the key of the entity's public seat feed. The old key stops working, but caches may keep its list of seats.
         */
        post: operations["rotateFeedKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/apps/{appId}/entities/{entityId}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel an entity and refund its bookings
         * @description The entity is CANCELLED at once: seats can no longer be held, and holds can no longer be confirmed. Within a minute a worker ends the holds, and cancels and refunds every booking, without a fee; `cancelling` shows its progress. Payments that were under way are refunded in full. Repeating the call is safe, and starts the worker again.
         */
        post: operations["cancelEntity"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/apps/{appId}/entities/{entityId}/seats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List an entity's seats for the organiser
         * @description Seats in the natural order of their numbers. A sold seat has `bookingId`, and a held seat has `expiresAt`.
         */
        get: operations["listEntitySeats"];
        put?: never;
        /**
         * Make an entity's seats from a layout
         * @description Makes all seats of the entity from the newest version of the layout, each with the price of its category. If the time runs out, the response is 202. Repeat the same call until the response is 201; until then nobody can hold the entity's seats. Once all seats exist, a repeated call returns 200. If the seats were made from another layout or version, the response is 409.
         */
        post: operations["createLayoutSeats"];
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change seats
         * @description A sold seat keeps its price. For a held seat, the new price applies to later holds. With `forSale: false` nobody can hold the seats; a live hold can still be confirmed. `null` clears an optional field. A repeated call changes nothing more.
         */
        patch: operations["patchSeats"];
        trace?: never;
    };
    "/admin/apps/{appId}/entities/{entityId}/seats/remove": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Remove seats
         * @description Removes the seats that are neither sold nor held. A repeated call removes nothing more.
         */
        post: operations["removeSeats"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/apps/{appId}/layouts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List an app's seating plans
         * @description Layouts in the order of their ids, each with its newest version and without its plan.
         */
        get: operations["listLayouts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/apps/{appId}/layouts/{layoutId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a seating plan
         * @description Returns the version that `version` names, by default the newest. Send `accept-encoding: gzip`. A plan that is too long without gzip is compressed in any case.
         */
        get: operations["getLayout"];
        /**
         * Store a version of a seating plan
         * @description Stores a new version. Versions do not change, and entities that have seats keep theirs. The body may have 2 MiB.
         */
        put: operations["putLayout"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/apps/{appId}/layouts/{layoutId}/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Import a seating plan of pretix or a spreadsheet
         * @description Stores a new version, as PUT does. If a part cannot be read, the error names it, and nothing is stored. The body may have 4 MiB. A spreadsheet has the columns `section`, `row`, `number`, `x`, `y`, `category` and `flags`; docs/VENUES.md describes them.
         */
        post: operations["importLayout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/apps/{appId}/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the webhook endpoints
         * @description Oldest first. Secrets are not shown.
         */
        get: operations["listWebhooks"];
        put?: never;
        /**
         * Create a webhook endpoint
         * @description Events are sent as [Standard Webhooks](https://www.standardwebhooks.com). The secret is shown only in this response. An app has at most 10 endpoints. A host name that does not resolve is accepted, but a name of a private address is not.
         */
        post: operations["createWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/apps/{appId}/webhooks/{webhookId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a webhook endpoint
         * @description `disabledReason` says why the service has disabled it.
         */
        get: operations["getWebhook"];
        put?: never;
        post?: never;
        /**
         * Delete a webhook endpoint
         * @description Deliveries that are pending for the endpoint are dropped.
         */
        delete: operations["deleteWebhook"];
        options?: never;
        head?: never;
        /**
         * Change a webhook endpoint, or switch it off
         * @description Send at least one field. While an endpoint is disabled, its events are recorded as FAILED. `recover` sends them later.
         */
        patch: operations["patchWebhook"];
        trace?: never;
    };
    "/admin/apps/{appId}/webhooks/{webhookId}/rotate-secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a new signing secret
         * @description The current secret signs for `overlapSeconds` more, and each earlier secret until its own end. Attempts then have several signatures. At most three secrets sign at a time: a fourth is refused with 409 `LIMIT_REACHED`. Without an overlap, all older secrets end at once.
         */
        post: operations["rotateWebhookSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/apps/{appId}/webhooks/{webhookId}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a test event
         * @description Sends an event of the type `webhook.test`, whatever types the endpoint wants.
         */
        post: operations["testWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/apps/{appId}/webhooks/{webhookId}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what was sent to an endpoint
         * @description Newest first. A delivery is kept for 30 days.
         */
        get: operations["listDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/apps/{appId}/webhooks/{webhookId}/deliveries/{deliveryId}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a delivery again
         * @description Sends a delivery again, even one that arrived. The receiver gets the same event with the same `webhook-id`.
         */
        post: operations["retryDelivery"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/apps/{appId}/webhooks/{webhookId}/recover": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send again what was not delivered
         * @description Sends again all deliveries that were recorded at `since` or later and are not recorded as delivered. Enable the endpoint first.
         */
        post: operations["recoverWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/seats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create an entity's seats
         * @description Creates 1 to 1,000 seats, all or none. An entity has one currency. If one of the seats exists, the response is 409 and nothing is created.
         */
        post: operations["createSeats"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/bookings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List all bookings
         * @description Newest first. `from` is inclusive, `to` is exclusive. `status=REFUND_DUE` lists the payments to refund.
         */
        get: operations["listAllBookings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/bookings/{bookingId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read any booking with its history
         * @description The booking as in `GET /admin/bookings`, with the history of admins' actions on it.
         */
        get: operations["getAnyBooking"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/bookings/{bookingId}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel seats of any booking
         * @description Cancels some or all seats of a booking, whatever its policy says. The seats are free at once. Seats that are cancelled already are ignored, so repeating the request changes nothing.
         */
        post: operations["cancelAnyBooking"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/bookings/{bookingId}/refund": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give money back without a cancellation
         * @description Gives back a part of the payment, and cancels nothing. The amount is at most what is left of the payment. It is rounded up to what the provider can pay. Use this call to refund a `REFUND_DUE` booking that an earlier version of the service recorded.
         */
        post: operations["refundBooking"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/refunds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List refunds
         * @description Newest first. `from` is inclusive, `to` is exclusive. `status=FAILED` also lists refunds with `retriedBy`, which need no attention.
         */
        get: operations["listRefunds"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/refunds/{refundId}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a failed refund again
         * @description Makes a FAILED refund again, as a new refund. `retryOf` and `retriedBy` link the two refunds. The old refund keeps its status.
         */
        post: operations["retryRefund"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/refunds/{refundId}/settle": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Record that a failed refund was paid by hand
         * @description Records that a FAILED refund was paid by hand. It becomes SUCCEEDED.
         */
        post: operations["settleRefund"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/analytics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read figures per app and per domain
         * @description Counts holds and bookings from `from` (inclusive) to `to` (exclusive). `bookings` and `revenue` count only CONFIRMED bookings.
         */
        get: operations["analytics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/signup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create an account
         * @description The account works in all apps. The token works only in this one.
         */
        post: operations["signup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign in
         * @description An unknown address and a wrong password get the same response after the same time. Too many wrong passwords for one account return 429.
         */
        post: operations["login"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/entities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what is sold
         * @description Entities are sorted by `startsAt`; entities without a date come last. Without `from`, the list has the entities that are not over. The call needs no user.
         */
        get: operations["listEntities"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/entities/{entityId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read one entity with its sections
         * @description The call needs no user.
         */
        get: operations["getEntity"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/seats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List an entity's seats
         * @description Lists the seats that can be reserved now, in the natural order of their numbers (A2 before A10). With `include=all` it lists all seats, for a seat map. Then each seat has `status`, and a locked seat has `expiresIn` and `mine`.
         *
         *     A listing may be outdated when you read it: `POST /reserve-seat` decides. For an unknown entity the list is empty.
         */
        get: operations["listSeats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/reserve-seat": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Hold one or more seats
         * @description Holds 1 to 10 different seats of one entity: all of them, or none. The price cannot change during the hold. If the caller already holds exactly these seats, the response is 200 with the same token. A repeated call never extends a hold.
         *
         *     With `bestAvailable` the service chooses the seats, and `adjacent` says whether they are side by side. A repeated call without an `Idempotency-Key` holds other seats.
         *
         *     With `reservationToken`, the caller's live hold is changed to exactly `seatIds`, and the response is 200. Kept seats keep their price, and new seats have today's price. The hold still ends at the same time. If the change fails, the old hold stays.
         */
        post: operations["reserve"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/payments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Start the payment of a hold
         * @description Starts the payment of a hold at the app's provider. The response has what the buyer's browser needs to pay. This extends the hold to at least `PAYMENT_WINDOW_SECONDS` from now, once for each hold. The hold's seats can no longer be changed. Repeating the request gives the same payment. With the simulation this call is optional.
         */
        post: operations["startPayment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/payment-events/{provider}/{appId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take an event of a payment provider
         * @description The webhook that is registered at Stripe or Razorpay. The provider's signature over the raw body is the credential. Only the payment's id is taken from the event. The service reads the payment from the provider, and then settles the hold as `POST /confirm-booking` does. After a 503 the provider sends the event again.
         */
        post: operations["paymentEvents"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/confirm-booking": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Pay and book
         * @description Turns a hold and a payment into a booking. After a 503, send the same request again, with the same token and `paymentId`.
         *
         *     A payment is never lost: on any 4xx, `details.refundDue: true` means that the payment was taken and is recorded for a refund.
         *
         *     With Stripe and Razorpay, only a payment that was started for this hold confirms it. With the simulation, ids that begin with `pay_fail` are declined, ids that begin with `pay_pending` stay open, and `pay_unavailable` returns 503. Every other id is accepted. An app without a provider gets `PAYMENTS_NOT_CONFIGURED`.
         */
        post: operations["confirm"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/release-seat": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Release a hold
         * @description Repeating the request is safe. `RESERVATION_EXPIRED` means that nothing is left to release: treat it as success.
         */
        post: operations["release"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/bookings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the caller's bookings
         * @description The caller's bookings in this app, newest first, in every status.
         */
        get: operations["listBookings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/bookings/{bookingId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read one booking
         * @description A booking of the caller in this app. Another user's booking and a malformed id return 404.
         */
        get: operations["getBooking"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/bookings/{bookingId}/cancellation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read what a cancellation gives back
         * @description What a cancellation would refund now, by the booking's cancellation policy. Nothing is changed.
         */
        get: operations["quoteCancellation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/cancel-booking": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel seats of a booking
         * @description Cancels some or all seats of a booking. The seats are free at once, and the refund is on record: `refunds` shows its progress. Repeating the request is safe.
         */
        post: operations["cancelBooking"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/reservations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the caller's live holds
         * @description The caller's live holds in this app. A page can restore them after a reload.
         */
        get: operations["listReservations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/feed/{feedKey}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the states of all seats
         * @description The states of all seats, without an envelope, for any page. `access-control-allow-origin` is `*`, and caches keep the response for a second. If the `ETag` is sent as `If-None-Match` and the states are unchanged, the response is 304. Query parameters are ignored.
         *
         *     Poll again after `refreshMs` milliseconds plus a random delay, but not while the page is hidden. Drop a response with the same `epoch` and a smaller `seq`: it comes from an outdated cache.
         */
        get: operations["getFeed"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/feed/{feedKey}/seats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the list of seats
         * @description The seats in the order of the feed's states, without an envelope. A version of the list never changes, so caches keep it. The list is always compressed with gzip. A client that refuses gzip gets at most 4 MB. Other query parameters are ignored.
         */
        get: operations["getFeedSeats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Check the service's health
         * @description When MongoDB is down, the response is 503 and `details` has the same fields. `degraded` means that only Redis is down: everything works, but slower.
         */
        get: operations["health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        /**
         * Check the service's health, status only
         * @description When MongoDB is down, the response is 503 and `details` has the same fields. `degraded` means that only Redis is down: everything works, but slower.
         */
        head: operations["headHealth"];
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * @description Whether seats must be side by side in one row, with no gap and no aisle between them.
         *     `REQUIRED`: other choices are refused. `PREFERRED`: if possible, else in as few groups as
         *     possible. `NO`: it does not matter.
         * @enum {string}
         */
        Adjacent: "REQUIRED" | "PREFERRED" | "NO";
        /**
         * @description What was done. `CANCEL`: seats were cancelled. `REFUND`: money goes back without a cancellation.
         *     `RETRY`: a failed refund is made again. `SETTLE`: a failed refund was paid by hand.
         * @enum {string}
         */
        AdminAction: "CANCEL" | "REFUND" | "RETRY" | "SETTLE";
        /** @description The body of `POST /admin/bookings/{bookingId}/cancel`. */
        AdminCancelIn: {
            seatIds?: components["schemas"]["SeatIds"] | null;
            /** @description How much of the seats' price goes back. */
            refund: components["schemas"]["RefundChoice"];
            /** @description The reason, for the booking's history. */
            reason: components["schemas"]["Reason"];
        };
        /** @description A refund of a booking's payment. */
        AdminRefund: {
            /** @description Id of the refund. It is also the provider's idempotency key. */
            refundId: string;
            /** @description The tenant whose booking it is. */
            appId: components["schemas"]["AppId"];
            /** @description Id of the booking. */
            bookingId: components["schemas"]["BookingId"];
            /** @description Id of the payment at the provider. */
            paymentId: components["schemas"]["PaymentId"];
            /**
             * Format: int64
             * @description Amount of the refund, in the currency's minor unit.
             */
            amount: number;
            /** @description Currency of the amount, an ISO 4217 code. */
            currency: components["schemas"]["Currency"];
            /** @description Whether the provider has paid the refund. */
            status: components["schemas"]["RefundStatus"];
            /** @description Whether this service made it, or the provider reported it. */
            source: components["schemas"]["RefundSource"];
            /** @description The provider's id of a refund that this service did not make. */
            providerRefundId?: string;
            /** @description The refund that was made instead, after this one had failed. */
            retriedBy?: string;
            /** @description The failed refund that this one replaces. */
            retryOf?: string;
            /** @description Present if an admin has paid it by hand. */
            settled?: components["schemas"]["SettledRefund"];
            /** @description When it was put on record. */
            createdAt: components["schemas"]["Timestamp"];
            /** @description When its status last changed. */
            updatedAt: components["schemas"]["Timestamp"];
        };
        /** @description The payment provider cannot charge this amount or currency. */
        AmountNotPayableError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "AMOUNT_NOT_PAYABLE";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description An API key. It is shown once and stored as a hash. */
        ApiKey: string;
        /** @description A tenant: one frontend with its own key. */
        App: {
            /** @description Public id of the tenant. Clients send it as `x-app-id`. */
            appId: components["schemas"]["AppId"];
            /** @description Display name, 1–100 characters. */
            name: components["schemas"]["Name"];
            /** @description The tenant's line of business. */
            domain: components["schemas"]["Domain"];
            /** @description Browser origins that may use the app. */
            allowedDomains: components["schemas"]["OriginEntry"][];
            /** @description Whether requests without an `Origin` header are accepted. */
            allowServerRequests: boolean;
            /** @description Whether the app is switched on. The requests of an inactive app fail with `APP_INACTIVE`. */
            isActive: boolean;
            /** @description When the tenant was registered. */
            createdAt: components["schemas"]["Timestamp"];
            /** @description When the tenant was last changed. */
            updatedAt: components["schemas"]["Timestamp"];
            /** @description The new API key. It is shown only in the response that creates it; store it then. */
            apiKey?: components["schemas"]["ApiKey"];
        };
        /** @description The app id is already taken. */
        AppAlreadyExistsError: {
            /** @constant */
            code: "APP_ALREADY_EXISTS";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description The header `x-app-id` or `x-api-key` is missing. */
        AppAuthRequiredError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "APP_AUTH_REQUIRED";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /**
         * @description Public id of a tenant: 2–63 lower-case letters, digits and hyphens, not beginning with a hyphen.
         * @example event-app-prod
         */
        AppId: string;
        /** @description The app is switched off. */
        AppInactiveError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "APP_INACTIVE";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description A page of the tenants. */
        AppList: {
            /** @description The tenants, oldest first. */
            apps: components["schemas"]["App"][];
            /** @description Pass it as `cursor` to get the next page; absent on the last page. */
            nextCursor?: components["schemas"]["Cursor"];
        };
        /** @description The app does not exist. */
        AppNotFoundError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "APP_NOT_FOUND";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description The figures of one app. */
        AppReport: components["schemas"]["Figures"] & {
            /** @description Public id of the tenant. */
            appId: components["schemas"]["AppId"];
            /** @description The tenant's line of business. */
            domain: components["schemas"]["Domain"];
        };
        /** @description How many seats to hold, and where. */
        BestAvailable: {
            /** @description The entity that sells the seats. */
            entityId: components["schemas"]["EntityId"];
            /** @description How many seats to hold. */
            quantity: components["schemas"]["Quantity"];
            /** @description Only seats of this section. */
            section?: string;
            /** @description Only seats of this category. */
            category?: string;
            /** @description Only seats that cost at most this, in the currency's minor unit. */
            maxPrice?: components["schemas"]["Price"];
            /**
             * @description Whether a place for a wheelchair is needed. Only then are such places and the seats of
             *     companions used, unless the entity releases them.
             * @default false
             */
            accessible: boolean;
            /** @description Whether the seats must be side by side. */
            adjacent?: components["schemas"]["Adjacent"];
        };
        /**
         * @description `CONFIRMED`: the seat is sold to the booking's user. `CANCELLED`: it was never sold, or is no
         *     longer.
         * @enum {string}
         */
        BookedSeatStatus: "CONFIRMED" | "CANCELLED";
        BookedSeats: {
            /** @description The seats that cannot be reserved. */
            conflicts: components["schemas"]["Conflict"][];
            /**
             * @description Present if the payment was taken although nothing was sold. The payment is recorded for a refund.
             * @constant
             */
            refundDue?: true;
        };
        /** @description A booking: the outcome of a payment for a hold. */
        Booking: {
            /** @description Public id of the booking. */
            bookingId: components["schemas"]["BookingId"];
            /** @description The event, ride or show that the seats belong to. */
            entityId: components["schemas"]["EntityId"];
            /** @description The seats, in the order in which they were reserved. */
            seatIds: components["schemas"]["SeatId"][];
            /** @description Token of the hold that was paid for. */
            reservationToken: components["schemas"]["ReservationToken"];
            /**
             * Format: int64
             * @description Amount of the payment in the currency's minor unit.
             */
            amount: number;
            /** @description Currency of the amount, an ISO 4217 code. */
            currency: components["schemas"]["Currency"];
            /** @description The seats with their prices, in the order of `seatIds`. */
            seats: components["schemas"]["HeldSeat"][];
            /** @description Id of the payment at the payment provider; absent if the booking cost nothing. */
            paymentId?: components["schemas"]["PaymentId"];
            /** @description Whether the provider took the payment. */
            paymentStatus: components["schemas"]["PaymentStatus"];
            /** @description Whether the seats are sold. */
            status: components["schemas"]["BookingStatus"];
            /** @description When the booking was made. */
            bookingDate: components["schemas"]["Timestamp"];
            /**
             * Format: int64
             * @description What the payment provider took, in the currency's minor unit.
             */
            paidAmount: number;
            /**
             * Format: int64
             * @description Sum of the refunds that have succeeded, in the currency's minor unit.
             */
            refundedAmount: number;
            /** @description How much of the payment was given back. */
            refundStatus: components["schemas"]["RefundSummary"];
            /** @description The refunds, oldest first. */
            refunds: components["schemas"]["BookingRefund"][];
            /** @description The cancellations, oldest first. */
            cancellations: components["schemas"]["Cancellation"][];
            /** @description What you get back if you cancel. Absent: you cannot cancel. */
            cancellationPolicy?: components["schemas"]["ShownCancellationPolicy"];
            /** @description The tenant; present only for admins. */
            appId?: components["schemas"]["AppId"];
            /** @description The user who paid; present only for admins. */
            userId?: components["schemas"]["UserId"];
            /**
             * @description What admins did to the booking and its refunds, oldest first; present only where an admin
             *     reads or changes one booking.
             */
            history?: components["schemas"]["HistoryEntry"][];
            /** @description Disputes of the payment, oldest first; present where `history` is. */
            disputes?: components["schemas"]["Dispute"][];
        };
        /**
         * @description Public id of a booking: `BK-`, the day in UTC, a hyphen and ten random characters. New ids have no O, 0, I or 1 among the ten.
         * @example BK-20260122-7K2M9QX4TB
         */
        BookingId: string;
        /** @description The booking is not confirmed: its payment failed, or will be refunded. */
        BookingNotConfirmedError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "BOOKING_NOT_CONFIRMED";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description The user has no such booking in this app. */
        BookingNotFoundError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "BOOKING_NOT_FOUND";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description A booking: the outcome of a payment for a hold. */
        BookingOfAdmin: {
            /** @description Public id of the booking. */
            bookingId: components["schemas"]["BookingId"];
            /** @description The event, ride or show that the seats belong to. */
            entityId: components["schemas"]["EntityId"];
            /** @description The seats, in the order in which they were reserved. */
            seatIds: components["schemas"]["SeatId"][];
            /** @description Token of the hold that was paid for. */
            reservationToken: components["schemas"]["ReservationToken"];
            /**
             * Format: int64
             * @description Amount of the payment in the currency's minor unit.
             */
            amount: number;
            /** @description Currency of the amount, an ISO 4217 code. */
            currency: components["schemas"]["Currency"];
            /** @description The seats with their prices, in the order of `seatIds`. */
            seats: components["schemas"]["HeldSeat"][];
            /** @description Id of the payment at the payment provider; absent if the booking cost nothing. */
            paymentId?: components["schemas"]["PaymentId"];
            /** @description Whether the provider took the payment. */
            paymentStatus: components["schemas"]["PaymentStatus"];
            /** @description Whether the seats are sold. */
            status: components["schemas"]["BookingStatus"];
            /** @description When the booking was made. */
            bookingDate: components["schemas"]["Timestamp"];
            /**
             * Format: int64
             * @description What the payment provider took, in the currency's minor unit.
             */
            paidAmount: number;
            /**
             * Format: int64
             * @description Sum of the refunds that have succeeded, in the currency's minor unit.
             */
            refundedAmount: number;
            /** @description How much of the payment was given back. */
            refundStatus: components["schemas"]["RefundSummary"];
            /** @description The refunds, oldest first. */
            refunds: components["schemas"]["BookingRefund"][];
            /** @description The cancellations, oldest first. */
            cancellations: components["schemas"]["Cancellation"][];
            /** @description What you get back if you cancel. Absent: you cannot cancel. */
            cancellationPolicy?: components["schemas"]["ShownCancellationPolicy"];
            /** @description The tenant; present only for admins. */
            appId: components["schemas"]["AppId"];
            /** @description The user who paid; present only for admins. */
            userId: components["schemas"]["UserId"];
            /**
             * @description What admins did to the booking and its refunds, oldest first; present only where an admin
             *     reads or changes one booking.
             */
            history: components["schemas"]["HistoryEntry"][];
            /** @description Disputes of the payment, oldest first; present where `history` is. */
            disputes: components["schemas"]["Dispute"][];
        };
        /** @description A page of bookings, newest first. */
        BookingPage: {
            /** @description The bookings, newest first. */
            bookings: components["schemas"]["Booking"][];
            /** @description Pass it as `cursor` to get the next page; absent on the last page. */
            nextCursor?: components["schemas"]["Cursor"];
        };
        /** @description A refund of a booking's payment. */
        BookingRefund: {
            /** @description Id of the refund. */
            refundId: string;
            /**
             * Format: int64
             * @description Amount of the refund, in the currency's minor unit.
             */
            amount: number;
            /** @description Whether the provider has paid the refund. */
            status: components["schemas"]["RefundStatus"];
            /** @description When it was put on record. */
            createdAt: components["schemas"]["Timestamp"];
        };
        /**
         * @description The state of a booking. `CONFIRMED`: the seats are sold. `FAILED`: the payment was declined and
         *     nothing is sold. `REFUND_DUE`: the payment was taken but nothing is sold; refund it.
         *     `CANCELLED`: the booking was cancelled after the sale.
         * @enum {string}
         */
        BookingStatus: "CONFIRMED" | "FAILED" | "REFUND_DUE" | "CANCELLED";
        /** @description The body of `POST /cancel-booking`. */
        CancelBookingIn: {
            /** @description Id of the caller's own booking. */
            bookingId: components["schemas"]["BookingId"];
            seatIds?: components["schemas"]["SeatIds"] | null;
            expectedRefund?: components["schemas"]["SeatsRefund"] | null;
        };
        /** @description The body of `POST /admin/apps/{appId}/entities/{entityId}/cancel`. */
        CancelEntityIn: {
            /** @description Part of the price that goes back for each seat, in percent. No fee is taken. */
            refundPercent: components["schemas"]["RefundPercent"];
            /** @description The reason, for the history of each booking. */
            reason: components["schemas"]["Reason"];
        };
        /** @description A cancellation of some or all seats of a booking. */
        Cancellation: {
            /** @description When the seats were cancelled. */
            at: components["schemas"]["Timestamp"];
            /** @description Who has cancelled: the buyer, an admin, or the cancellation of the whole entity. */
            by: components["schemas"]["CancelledBy"];
            /** @description The seats that were cancelled together. */
            seatIds: components["schemas"]["SeatId"][];
            /**
             * Format: int64
             * @description Price of these seats, in the currency's minor unit.
             */
            paid: number;
            /**
             * Format: int64
             * @description The part of `paid` that was kept as a fee.
             */
            fee: number;
            /**
             * Format: int64
             * @description What else the organiser kept of `paid`.
             */
            kept: number;
            /**
             * Format: int64
             * @description What goes back to the buyer.
             */
            refund: number;
        };
        /** @description The user cannot cancel now. `details.reason` is `NO_POLICY`, `TOO_LATE` or `STARTED`. */
        CancellationNotAllowedError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "CANCELLATION_NOT_ALLOWED";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            details: components["schemas"]["RefusedCancellation"];
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /**
         * @description How much of the price goes back to a buyer who cancels in time. From tier to tier, `hoursBefore`
         *     falls and `refundPercent` does not rise.
         */
        CancellationPolicy: {
            /** @description Up to ten tiers. The first tier for which the buyer is early enough applies. */
            tiers: components["schemas"]["CancellationTier"][];
            /** @description Fee that is deducted from each seat's refund, in the currency's minor unit. */
            feePerSeat?: components["schemas"]["Price"];
        };
        /** @description What a cancellation would give back now. */
        CancellationQuote: {
            /** @description Whether the caller can cancel these seats now. */
            allowed: boolean;
            /** @description Why not; absent if `allowed`. */
            reason?: components["schemas"]["CancellationRefusal"];
            /** @description The seats that would be cancelled. */
            seatIds: components["schemas"]["SeatId"][];
            /**
             * Format: int64
             * @description Price of these seats, in the currency's minor unit.
             */
            paid: number;
            /**
             * Format: int64
             * @description The part of `paid` that is kept as a fee.
             */
            fee: number;
            /**
             * Format: int64
             * @description What goes back to the buyer.
             */
            refund: number;
            /** @description Currency of the amounts, an ISO 4217 code. */
            currency: components["schemas"]["Currency"];
            /** @description From this time on less goes back, or nothing; absent if that never happens. */
            changesAt?: components["schemas"]["Timestamp"];
        };
        /**
         * @description Why a buyer cannot cancel. `NO_POLICY`: the booking has no cancellation policy. `TOO_LATE`: no
         *     tier of the policy applies now. `STARTED`: the entity has started. `ALREADY_CANCELLED`: no seat
         *     is left to cancel.
         * @enum {string}
         */
        CancellationRefusal: "NO_POLICY" | "TOO_LATE" | "STARTED" | "ALREADY_CANCELLED";
        /** @description A buyer who cancels at least `hoursBefore` the start gets `refundPercent` of the price back. */
        CancellationTier: {
            /** @description How many hours before the start a buyer must cancel at the latest. */
            hoursBefore: components["schemas"]["HoursBefore"];
            /** @description Part of the price that goes back, in percent. */
            refundPercent: components["schemas"]["RefundPercent"];
        };
        /**
         * @description Who has cancelled seats: their buyer, an admin, or the cancellation of the whole entity.
         * @enum {string}
         */
        CancelledBy: "USER" | "ADMIN" | "ENTITY";
        /** @description Progress of an entity's cancellation. While it runs, sales that were under way may add bookings. */
        Cancelling: {
            /**
             * Format: int64
             * @description Bookings to cancel, including those that are cancelled already.
             */
            bookings: number;
            /**
             * Format: int64
             * @description Bookings that were cancelled. Their refunds are on record.
             */
            done: number;
            /**
             * Format: int64
             * @description Refunds that have failed, and were neither made again nor paid by hand.
             */
            refundsFailed: number;
        };
        ChangedRefund: {
            /** @description What a cancellation would refund now, in the currency's minor unit. */
            refund: number;
        };
        /** @description What a change of seats did. */
        ChangedSeats: {
            /**
             * Format: int64
             * @description Seats that `where` selects.
             */
            matched: number;
            /**
             * Format: int64
             * @description Seats that were changed. Those that had the new values already are not counted.
             */
            changed: number;
            /** @description Seats that could not be changed, each with the reason. */
            skipped: components["schemas"]["SkippedSeat"][];
        };
        /** @description The body of `POST /confirm-booking`. */
        ConfirmIn: {
            /** @description Token of the caller's own hold, from `POST /reserve-seat`. */
            reservationToken: components["schemas"]["ReservationToken"];
            paymentId?: components["schemas"]["PaymentId"] | null;
        };
        /** @description A seat that prevents a reservation. */
        Conflict: {
            /** @description Id of the seat. */
            seatId: components["schemas"]["SeatId"];
            /** @description Whether the seat is held, sold or not for sale. */
            state: components["schemas"]["ConflictState"];
            /**
             * Format: int64
             * @description Seconds until the hold expires, at least 1; absent if nobody holds the seat.
             */
            expiresIn?: number;
            /** @description Whether the hold is the caller's own; absent if nobody holds the seat. */
            mine?: boolean;
        };
        /**
         * @description Why a seat cannot be reserved: `LOCKED` while somebody holds it, `BOOKED` once it is sold,
         *     `NOT_FOR_SALE` while the organiser does not sell it.
         * @enum {string}
         */
        ConflictState: "LOCKED" | "BOOKED" | "NOT_FOR_SALE";
        /** @description The body of `POST /admin/apps/{appId}/entities/{entityId}/seats`. */
        CreateLayoutSeatsIn: {
            /** @description Id of the layout. Its newest version is used. */
            layoutId: components["schemas"]["LayoutId"];
            /** @description A price for each category that has seats, by the category's key. */
            prices: {
                [key: string]: components["schemas"]["Price"];
            };
        };
        /** @description The body of `POST /admin/seats`. */
        CreateSeatsIn: {
            /** @description The tenant that sells the seats. */
            appId: components["schemas"]["AppId"];
            /** @description The event, ride or show that the seats belong to. */
            entityId: components["schemas"]["EntityId"];
            /** @description Currency of the prices. All seats of an entity have the same currency. */
            currency: components["schemas"]["Currency"];
            /** @description The seats to create, 1–1,000. Either all are created or none. */
            seats: components["schemas"]["NewSeats"];
        };
        /** @description The body of `POST /admin/apps/{appId}/secret-keys`. */
        CreateSecretKeyIn: {
            /** @description A name to recognize the key by, 1–100 characters. */
            name: components["schemas"]["Name"];
        };
        /** @description The body of `POST /admin/apps/{appId}/webhooks`. */
        CreateWebhookIn: {
            /**
             * Format: uri
             * @description Where events are sent: https on port 443 or 8443, without a user name, at a host whose
             *     addresses are all public.
             */
            url: string;
            types?: components["schemas"]["EventTypes"] | null;
            description?: components["schemas"]["WebhookDescription"] | null;
        };
        /** @description The seats that were made from a layout. */
        CreatedLayoutSeats: {
            /** @description Seats that this call made. */
            created: number;
            /** @description Seats of the layout. */
            total: number;
        };
        /** @description The seats that were created. */
        CreatedSeats: {
            /** @description Number of seats created. */
            created: number;
            /** @description The new seats, in the order of the request. */
            seats: components["schemas"]["Seat"][];
        };
        /**
         * @description ISO 4217 currency code in use, three capital letters. No metals and no codes for tests. An entity keeps its currency even if the code is withdrawn later.
         * @example INR
         */
        Currency: string;
        /** @description An opaque position in a list. Take it from `nextCursor` of a response and pass it back unchanged. */
        Cursor: string;
        /** @description An entity was deleted. */
        DeletedEntity: {
            /** @description Id of the entity. */
            entityId: components["schemas"]["EntityId"];
            /** @description Always `true`: the entity and its seats are gone. */
            deleted: boolean;
        };
        /** @description A secret key was deleted. */
        DeletedSecretKey: {
            /** @description Id of the key. */
            keyId: components["schemas"]["SecretKeyId"];
            /** @description Always `true`: the key no longer works. */
            deleted: boolean;
        };
        /** @description A webhook endpoint was deleted. */
        DeletedWebhook: {
            /** @description Id of the endpoint. */
            webhookId: components["schemas"]["WebhookId"];
            /** @description Always `true`: nothing is sent to it any more. */
            deleted: boolean;
        };
        /** @description An event on its way to an endpoint. */
        Delivery: {
            /** @description Id of the delivery. */
            deliveryId: components["schemas"]["DeliveryId"];
            /** @description Id of the event, which the receiver gets as `webhook-id`. */
            eventId: string;
            /** @description Type of the event. */
            type: components["schemas"]["EventType"];
            /** @description Whether the event has reached the endpoint. */
            status: components["schemas"]["DeliveryStatus"];
            /** @description The attempts, oldest first. Only the latest are kept. */
            attempts: components["schemas"]["DeliveryAttempt"][];
            /** @description When the next attempt is due. Absent if none is. */
            nextAttemptAt?: components["schemas"]["Timestamp"];
            /** @description When the delivery was recorded. */
            createdAt: components["schemas"]["Timestamp"];
        };
        /** @description An attempt to deliver an event. */
        DeliveryAttempt: {
            /** @description When the attempt began. */
            at: components["schemas"]["Timestamp"];
            /**
             * Format: int64
             * @description The status of the response. Absent if there was none.
             */
            status?: number;
            /** @description Why it failed. Absent if it did not. */
            error?: string;
            /**
             * Format: int64
             * @description How long it took, in milliseconds.
             */
            durationMs: number;
            /** @description The first KiB of the response's body. */
            response?: string;
        };
        /**
         * Format: uuid
         * @description Id of a delivery.
         * @example 8f14e45f-ceea-467f-ab5b-1c2d3e4f5a6b
         */
        DeliveryId: string;
        /** @description The webhook endpoint has no such delivery. */
        DeliveryNotFoundError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "DELIVERY_NOT_FOUND";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description A page of deliveries. */
        DeliveryPage: {
            /** @description The deliveries, newest first. */
            deliveries: components["schemas"]["Delivery"][];
            /** @description Pass it as `cursor` to get the next page; absent on the last page. */
            nextCursor?: components["schemas"]["Cursor"];
        };
        /**
         * @description `PENDING`: an attempt is to come. `DELIVERED`: the receiver has responded with a 2xx. `FAILED`:
         *     no further attempt comes by itself.
         * @enum {string}
         */
        DeliveryStatus: "PENDING" | "DELIVERED" | "FAILED";
        /**
         * @description Description of an entity, 1–2,000 characters.
         * @example An evening with three bands.
         */
        Description: string;
        /** @description A dispute of a booking's payment. */
        Dispute: {
            /** @description The id of the dispute at the provider. */
            disputeId: string;
            /**
             * Format: int64
             * @description What is disputed, or was lost, in the currency's minor unit.
             */
            amount: number;
            /** @description Whether it is open, won or lost. */
            status: components["schemas"]["DisputeStatus"];
            /** @description Who reported the dispute: always the provider. */
            source: components["schemas"]["RefundSource"];
            /** @description When it was recorded. */
            createdAt: components["schemas"]["Timestamp"];
            /** @description When its status last changed. */
            updatedAt: components["schemas"]["Timestamp"];
        };
        /**
         * @description The state of a dispute. `OPEN`: it is not decided. `WON`: the money is the tenant's. `LOST`: the
         *     money is the buyer's.
         * @enum {string}
         */
        DisputeStatus: "OPEN" | "WON" | "LOST";
        /**
         * @description A tenant's line of business: `EVENT` (halls and stadiums), `BUS` (buses and coaches) or
         *     `MOVIE` (cinemas of any size).
         * @enum {string}
         */
        Domain: "EVENT" | "BUS" | "MOVIE";
        /** @description The sum of the figures of all apps in one line of business. */
        DomainReport: components["schemas"]["Figures"] & {
            /** @description The line of business. */
            domain: components["schemas"]["Domain"];
        };
        /**
         * @description E-mail address, 3–254 characters. It is trimmed and stored in lower case, in Unicode NFC and without invisible characters.
         * @example asha@example.com
         */
        Email: string;
        /** @description The e-mail address already has an account. */
        EmailTakenError: {
            /** @constant */
            code: "EMAIL_TAKEN";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description An entity as buyers see it. */
        Entity: {
            /** @description Id of the entity. */
            entityId: components["schemas"]["EntityId"];
            /** @description The title, 1–200 characters. */
            title: components["schemas"]["Title"];
            /** @description A longer text, up to 2,000 characters. */
            description?: components["schemas"]["Description"];
            /** @description Where it takes place. */
            venue?: components["schemas"]["Venue"];
            /** @description When it starts; absent without a date. */
            startsAt?: components["schemas"]["Timestamp"];
            /** @description When it ends; absent if that is not known. */
            endsAt?: components["schemas"]["Timestamp"];
            /** @description The time zone in which its times are shown. */
            timeZone?: components["schemas"]["TimeZone"];
            /** @description Currency of all prices. */
            currency: components["schemas"]["Currency"];
            /** @description Whether seats can be held now. */
            sales: components["schemas"]["Sales"];
            /** @description The lowest price of a seat. Absent without seats. */
            priceFrom?: components["schemas"]["Price"];
            /** @description The highest price of a seat. Absent without seats. */
            priceTo?: components["schemas"]["Price"];
            /** @description How many seats there are. The counts may be 2 s old. */
            seats: components["schemas"]["FreeSeats"];
            /**
             * @description Key of the public seat feed. Absent until the next migration, if an earlier version of the
             *     service created the entity.
             */
            feedKey?: components["schemas"]["FeedKey"];
            /**
             * @description Address of the feed's WebSocket; only where one entity is read, and live push is deployed.
             * @example wss://live.example.com/live?feed=1kPq3vXz8RtBw5YdN0aJcE
             */
            liveUrl?: string;
            /** @description The sections in the order of their names; only where one entity is read. */
            sections?: components["schemas"]["Section"][];
            /** @description What you get back if you cancel. Absent: you cannot cancel. */
            cancellationPolicy?: components["schemas"]["ShownCancellationPolicy"];
        };
        /** @description The organiser has cancelled the entity. */
        EntityCancelledError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "ENTITY_CANCELLED";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /**
         * @description Id of what seats belong to: an event, a bus ride or a film show. 1–64 letters, digits, dots, underscores and hyphens, beginning with a letter or digit.
         * @example hall-1
         */
        EntityId: string;
        /** @description Seats of the entity were held or sold. */
        EntityInUseError: {
            /** @constant */
            code: "ENTITY_IN_USE";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description The app has no entity with this id and settings. */
        EntityNotFoundError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "ENTITY_NOT_FOUND";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description A page of an app's entities, as buyers see them. */
        EntityPage: {
            /** @description The entities by start, those without a date last. */
            entities: components["schemas"]["Entity"][];
            /** @description Pass it as `cursor` to get the next page; absent on the last page. */
            nextCursor?: components["schemas"]["Cursor"];
        };
        /** @description The figures of one entity. */
        EntityReport: components["schemas"]["Figures"] & {
            /** @description Public id of the tenant. */
            appId: components["schemas"]["AppId"];
            /** @description Id of the entity. */
            entityId: components["schemas"]["EntityId"];
            /** @description Its seats as they are now, whatever the period. */
            seats: components["schemas"]["Occupancy"];
        };
        /** @description A page of an entity's seats for the organiser, in natural order of their numbers. */
        EntitySeatPage: {
            /** @description The entity that the seats belong to. */
            entityId: components["schemas"]["EntityId"];
            /** @description The seats, each with its `status`. */
            seats: components["schemas"]["Seat"][];
            /** @description Pass it as `cursor` to get the next page; absent on the last page. */
            nextCursor?: components["schemas"]["Cursor"];
        };
        /** @description An entity with its settings. */
        EntitySettings: {
            /** @description Id of the entity. */
            entityId: components["schemas"]["EntityId"];
            /** @description The title that buyers see. */
            title: components["schemas"]["Title"];
            /** @description A longer text for buyers. */
            description?: components["schemas"]["Description"];
            /** @description Where it takes place. */
            venue?: components["schemas"]["Venue"];
            /** @description Currency of all prices. */
            currency: components["schemas"]["Currency"];
            /** @description When it starts; absent without a date. */
            startsAt?: components["schemas"]["Timestamp"];
            /** @description When it ends; absent if that is not known. */
            endsAt?: components["schemas"]["Timestamp"];
            /** @description The time zone in which its times are shown. */
            timeZone?: components["schemas"]["TimeZone"];
            /** @description Seats can be held from this time on. */
            salesOpenAt?: components["schemas"]["Timestamp"];
            /** @description Seats can be held before this time. */
            salesCloseAt?: components["schemas"]["Timestamp"];
            /** @description Whether seats can be held. */
            state: components["schemas"]["EntityState"];
            /** @description How long a hold lasts. Absent: the service's default. */
            holdSeconds?: components["schemas"]["HoldSeconds"];
            /** @description How many seats of the entity one user may hold and book. Absent: no limit. */
            maxSeatsPerUser?: components["schemas"]["SeatLimit"];
            /**
             * @description Whether the search for the best seats may offer seats with the flags `wheelchair`
             *     and `companion` to everybody.
             */
            releaseAccessible: boolean;
            /** @description The layout that its seats were made from. */
            layoutId?: components["schemas"]["LayoutId"];
            /**
             * Format: int64
             * @description Version of the layout that its seats were made from.
             */
            layoutVersion?: number;
            /**
             * @description Present and `true` while seats of the layout are missing. No seat is for sale meanwhile:
             *     repeat the call that creates the seats until all exist.
             */
            seatsIncomplete?: boolean;
            /** @description What buyers get back when they cancel. Absent: buyers cannot cancel. */
            cancellationPolicy?: components["schemas"]["ShownCancellationPolicy"];
            /** @description Progress of the entity's cancellation; only where one entity is read. */
            cancelling?: components["schemas"]["Cancelling"];
            /** @description How many seats there are. The counts may be 2 s old. */
            seats: components["schemas"]["SeatCounts"];
            /**
             * Format: int64
             * @description Rises with every change of the list of seats.
             */
            seatsVersion: number;
            /**
             * @description Key of the public seat feed. Absent until the next migration, if an earlier version of the
             *     service created the entity.
             */
            feedKey?: components["schemas"]["FeedKey"];
            /**
             * Format: int64
             * @description Rises with every change of the settings. The header `etag` has it too.
             */
            version: number;
            /** @description When the entity was created. */
            createdAt: components["schemas"]["Timestamp"];
            /** @description When the settings were last changed. */
            updatedAt: components["schemas"]["Timestamp"];
        };
        /** @description A page of an app's entities. */
        EntitySettingsPage: {
            /** @description The entities by start, those without a date last. */
            entities: components["schemas"]["EntitySettings"][];
            /** @description Pass it as `cursor` to get the next page; absent on the last page. */
            nextCursor?: components["schemas"]["Cursor"];
        };
        /**
         * @description Whether an entity's seats can be held: `ON_SALE`, `PAUSED` by the organiser, or `CANCELLED`.
         * @enum {string}
         */
        EntityState: "ON_SALE" | "PAUSED" | "CANCELLED";
        /** @description An entity as buyers see it. */
        EntityWithSections: {
            /** @description Id of the entity. */
            entityId: components["schemas"]["EntityId"];
            /** @description The title, 1–200 characters. */
            title: components["schemas"]["Title"];
            /** @description A longer text, up to 2,000 characters. */
            description?: components["schemas"]["Description"];
            /** @description Where it takes place. */
            venue?: components["schemas"]["Venue"];
            /** @description When it starts; absent without a date. */
            startsAt?: components["schemas"]["Timestamp"];
            /** @description When it ends; absent if that is not known. */
            endsAt?: components["schemas"]["Timestamp"];
            /** @description The time zone in which its times are shown. */
            timeZone?: components["schemas"]["TimeZone"];
            /** @description Currency of all prices. */
            currency: components["schemas"]["Currency"];
            /** @description Whether seats can be held now. */
            sales: components["schemas"]["Sales"];
            /** @description The lowest price of a seat. Absent without seats. */
            priceFrom?: components["schemas"]["Price"];
            /** @description The highest price of a seat. Absent without seats. */
            priceTo?: components["schemas"]["Price"];
            /** @description How many seats there are. The counts may be 2 s old. */
            seats: components["schemas"]["FreeSeats"];
            /**
             * @description Key of the public seat feed. Absent until the next migration, if an earlier version of the
             *     service created the entity.
             */
            feedKey?: components["schemas"]["FeedKey"];
            /**
             * @description Address of the feed's WebSocket; only where one entity is read, and live push is deployed.
             * @example wss://live.example.com/live?feed=1kPq3vXz8RtBw5YdN0aJcE
             */
            liveUrl?: string;
            /** @description The sections in the order of their names; only where one entity is read. */
            sections: components["schemas"]["Section"][];
            /** @description What you get back if you cancel. Absent: you cannot cancel. */
            cancellationPolicy?: components["schemas"]["ShownCancellationPolicy"];
        };
        /** @description The event of a provider was handled. */
        EventHandled: {
            /** @description Always `true`: the provider need not send the event again. */
            handled: boolean;
        };
        /**
         * @description The type of an event.
         * @enum {string}
         */
        EventType: "hold.created" | "hold.changed" | "hold.released" | "hold.expired" | "booking.confirmed" | "booking.cancelled" | "payment.failed" | "refund.due" | "refund.succeeded" | "refund.failed" | "entity.updated" | "entity.cancelled" | "webhook.test";
        /** @description The types of events that an endpoint gets. */
        EventTypes: components["schemas"]["EventType"][];
        ExistingSeats: {
            /** @description Seats of the request that exist, or the entity's own seats where a layout cannot be used; at most 100. */
            seatNumbers: string[];
        };
        /** @description The states of an entity's seats. */
        Feed: {
            /**
             * Format: int64
             * @description Rises when the service was restored from a backup. Then replace what you have with this
             *     response.
             */
            epoch: number;
            /**
             * Format: int64
             * @description Rises with every change of the states. Drop a response with the same `epoch` and a smaller
             *     `seq`.
             */
            seq: number;
            /**
             * Format: int64
             * @description The version of the list of seats that `states` belongs to.
             */
            seatsVersion: number;
            /** @description The time at which the states were first seen. */
            asOf: components["schemas"]["Timestamp"];
            /**
             * @description Two bits per seat in the order of the list of seats, in base64. The first seat is in the
             *     lowest bits of the first byte. 0 free, 1 held, 2 sold, 3 not for sale.
             */
            states: string;
            /**
             * Format: int64
             * @description Poll again after this many milliseconds plus a random delay.
             */
            refreshMs: number;
        };
        /**
         * @description Key of an entity's public seat feed: 22 letters and digits.
         * @example 1kPq3vXz8RtBw5YdN0aJcE
         */
        FeedKey: string;
        /** @description No entity has this feed key. */
        FeedNotFoundError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "FEED_NOT_FOUND";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description A seat of the feed's list. */
        FeedSeat: {
            /** @description Id of the seat. */
            seatId: components["schemas"]["SeatId"];
            /** @description The seat number as printed on the ticket. */
            seatNumber: components["schemas"]["SeatNumber"];
            /** @description Label of the seat, for people; absent if the seat has none. */
            label?: string;
            /** @description Key of the seat's section. */
            section?: components["schemas"]["SeatSection"];
            /** @description Label of the seat's row. */
            row?: components["schemas"]["SeatRow"];
            /** @description Key of the seat's category. */
            category?: components["schemas"]["SeatCategory"];
            /** @description What a buyer should know about the seat; absent if there is nothing. */
            flags?: components["schemas"]["SeatFlags"];
            /** @description Price in the currency's minor unit (cents, paise). */
            price: components["schemas"]["Price"];
        };
        /** @description An entity's seats, in the order of the feed's states. */
        FeedSeats: {
            /**
             * Format: int64
             * @description The version of this list.
             */
            seatsVersion: number;
            /** @description Currency of all prices. */
            currency: components["schemas"]["Currency"];
            /** @description The seating plan, if the seats were made from one. */
            layout?: components["schemas"]["LayoutDocument"];
            /** @description The seats, in the order of the states. */
            seats: components["schemas"]["FeedSeat"][];
        };
        /** @description The seats do not have this version now. The feed says which one they have. */
        FeedVersionGoneError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "FEED_VERSION_GONE";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description Counts and sums of a period. */
        Figures: {
            /** @description Number of reservations by status. */
            reservations: components["schemas"]["Reservations"];
            /**
             * Format: int64
             * @description Number of confirmed bookings.
             */
            bookings: number;
            /** @description What was paid for confirmed and cancelled bookings, less what was paid back, per currency. */
            revenue: components["schemas"]["Revenue"][];
            /**
             * Format: int64
             * @description Number of declined payments.
             */
            failedPayments: number;
            /**
             * Format: int64
             * @description Number of payments that were taken without a sale and must be refunded.
             */
            refundsDue: number;
            /**
             * Format: double
             * @description Share of reservations that were confirmed, 0–1; 0 if there are no reservations.
             */
            conversion: number;
        };
        /**
         * @description Something that a buyer should know about a seat.
         * @enum {string}
         */
        Flag: "wheelchair" | "companion" | "semiAmbulatory" | "restrictedView" | "hearing" | "signLanguage" | "aisle" | "extraLegroom" | "limitedLegroom" | "plusSize" | "window";
        /** @description How many seats an entity has, and how many of them can be held. */
        FreeSeats: {
            /**
             * Format: int64
             * @description All seats except removed ones.
             */
            total: number;
            /**
             * Format: int64
             * @description Seats that can be held.
             */
            available: number;
        };
        /** @description Whether seats can be sold, and whether MongoDB and Redis respond. */
        Health: {
            /** @description The status of the service as a whole. */
            status: components["schemas"]["HealthStatus"];
            /** @description Whether MongoDB responds. Without it nothing can be sold. */
            mongo: components["schemas"]["ServerStatus"];
            /** @description Whether Redis responds. Without it everything works, but slower. */
            redis: components["schemas"]["ServerStatus"];
        };
        /**
         * @description `ok`: all is well. `degraded`: everything works, but slower. `down`: nothing can be sold.
         * @enum {string}
         */
        HealthStatus: "ok" | "degraded" | "down";
        /** @description A seat of a hold or a booking. */
        HeldSeat: {
            /** @description Id of the seat. */
            seatId: components["schemas"]["SeatId"];
            /** @description The seat number printed on the ticket. */
            seatNumber: components["schemas"]["SeatNumber"];
            /**
             * Format: int64
             * @description Price of the seat when it was held, in the currency's minor unit.
             */
            price: number;
            /** @description Label of the seat, for people; absent if the seat has none. */
            label?: string;
            /** @description Key of the seat's section when it was held. */
            section?: string;
            /** @description Label of the seat's row when it was held. */
            row?: string;
            /** @description Whether the seat is part of the sale; present only in bookings. */
            status?: components["schemas"]["BookedSeatStatus"];
        };
        /** @description What an admin did to a booking or to one of its refunds. */
        HistoryEntry: {
            /** @description When the admin did it. */
            at: components["schemas"]["Timestamp"];
            /** @description `admin`, or the id of the tenant's secret key. */
            actor: string;
            /** @description What the admin did. */
            action: components["schemas"]["AdminAction"];
            /** @description Why, in the admin's own words. */
            reason?: string;
            /** @description The refund that was made, made again or settled; absent if nothing went back. */
            refundId?: string;
            /**
             * Format: int64
             * @description The refund's amount, in the currency's minor unit.
             */
            amount?: number;
            /** @description The seats that were cancelled. */
            seatIds?: components["schemas"]["SeatId"][];
        };
        /** @description A hold: seats that are reserved for a user until they are paid for or the hold expires. */
        Hold: {
            /** @description Token of the hold, for `POST /confirm-booking` and `POST /release-seat`. */
            reservationToken: components["schemas"]["ReservationToken"];
            /** @description The event, ride or show that the seats belong to; present only in `GET /reservations`. */
            entityId?: components["schemas"]["EntityId"];
            /** @description The seats, in the order of the request. */
            seatIds: components["schemas"]["SeatId"][];
            /** @description When the hold expires, by the server's clock. */
            expiresAt: components["schemas"]["Timestamp"];
            /**
             * Format: int64
             * @description Seconds until the hold expires, rounded down.
             */
            expiresIn: number;
            /**
             * Format: int64
             * @description Sum of the seats' prices in the currency's minor unit, fixed for the life of the hold.
             */
            price: number;
            /** @description Currency of the price, an ISO 4217 code. */
            currency: components["schemas"]["Currency"];
            /** @description The seats with their prices, in the order of `seatIds`. */
            seats: components["schemas"]["HeldSeat"][];
            /**
             * @description Whether the seats are side by side. Present only for a hold made with `bestAvailable`, until
             *     the hold is changed.
             */
            adjacent?: boolean;
            /** @description `true` once the payment was started, otherwise absent. Only in `GET /reservations`. */
            paying?: boolean;
        };
        /** @description The user holds too many seats at once. */
        HoldLimitReachedError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "HOLD_LIMIT_REACHED";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description The caller's holds that have not expired. */
        HoldList: {
            /** @description The holds, oldest first, each with its `entityId`. */
            reservations: components["schemas"]["Hold"][];
        };
        /**
         * Format: int64
         * @description How long a hold on seats of the entity lasts, 30–3,600 seconds.
         */
        HoldSeconds: number;
        /**
         * Format: int64
         * @description Hours before the start, 0–87,600.
         */
        HoursBefore: number;
        /** @description The first request with this `Idempotency-Key` is still running. Repeat the request after `Retry-After`. */
        IdempotencyKeyInUseError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "IDEMPOTENCY_KEY_IN_USE";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description The `Idempotency-Key` was already used with a different body. */
        IdempotencyKeyReusedError: {
            /** @constant */
            code: "IDEMPOTENCY_KEY_REUSED";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /**
         * @description Which seats a listing has besides the available ones.
         * @constant
         */
        Include: "all";
        /**
         * Format: date-time
         * @description A date and time in RFC 3339, with `Z` or an offset. In a URL, write the `+` of an offset as `%2B`.
         * @example 2026-01-22T10:00:00.000Z
         */
        Instant: string;
        /** @description An unexpected error in the service. Repeating the request is safe. */
        InternalError: {
            /** @constant */
            code: "INTERNAL";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description The app does not exist or the API key is wrong. */
        InvalidAppCredentialsError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "INVALID_APP_CREDENTIALS";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description The account does not exist or the password is wrong. */
        InvalidCredentialsError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "INVALID_CREDENTIALS";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        InvalidField: {
            /** @description Path of the field, such as `seats[2].price`, or name of the parameter. */
            field: string;
            /** @description What is wrong with it, in English. The wording may change. */
            reason: string;
        };
        InvalidFields: {
            /** @description The invalid fields or parameters. */
            fields: components["schemas"]["InvalidField"][];
        };
        /** @description The request body is not a JSON object. */
        InvalidJsonError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "INVALID_JSON";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description The signature of the provider's event is missing, wrong or too old, or the app has no such account. */
        InvalidSignatureError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "INVALID_SIGNATURE";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description One version of a layout with its plan. It can be sent back with PUT. */
        Layout: components["schemas"]["LayoutDocument"] & {
            /** @description Id of the layout. */
            layoutId: components["schemas"]["LayoutId"];
            /**
             * Format: int64
             * @description 1 for the first version.
             */
            version: number;
            /** @description How many seats, rows, sections and categories the plan has. */
            counts: components["schemas"]["LayoutCounts"];
            /** @description When this version was stored. */
            createdAt: components["schemas"]["Timestamp"];
        };
        /** @description A kind of seat. An entity has one price for each of them. */
        LayoutCategory: {
            /** @description Key by which seats and prices name the category, 1–64 characters. Each key can exist once. */
            key: string;
            /** @description What people see, 1–100 characters. */
            label: string;
            /**
             * @description A CSS color. It is kept as `#rrggbb`.
             * @example #1f6fb2
             */
            color: string;
            /**
             * @description A sign for people who cannot tell the colors apart, 1–16 characters.
             * @example ●
             */
            mark: string;
        };
        /** @description How many seats, rows, sections and categories a plan has. */
        LayoutCounts: {
            /**
             * Format: int64
             * @description Number of seats in all rows.
             */
            seats: number;
            /**
             * Format: int64
             * @description Number of rows, counted in each section.
             */
            rows: number;
            /**
             * Format: int64
             * @description Number of sections, with or without seats.
             */
            sections: number;
            /**
             * Format: int64
             * @description Number of categories, used or not.
             */
            categories: number;
        };
        /** @description A venue's seating plan. It has no prices and no states of seats. */
        LayoutDocument: {
            /** @description Name of the plan, 1–200 characters. */
            name: string;
            /** @description Width and height of the plan. */
            size: components["schemas"]["LayoutSize"];
            /** @description What people come to see. Best available takes the seats nearest to it. */
            focalPoint: components["schemas"]["LayoutPoint"];
            /** @description Kinds of seats, 1–1,000. An entity has one price for each of them. */
            categories: components["schemas"]["LayoutCategory"][];
            /** @description Floors of the venue, at most 100. */
            floors?: components["schemas"]["LayoutFloor"][];
            /** @description Parts of the venue, 1–500. Together they have 1–50,000 seats. */
            sections: components["schemas"]["LayoutSection"][];
            /** @description What is drawn besides the seats, at most 1,000. */
            shapes?: components["schemas"]["LayoutShape"][];
            /** @description Ignored: a `PUT` may send back what a `GET` returned. */
            layoutId?: components["schemas"]["ReadOnly"];
            /** @description Ignored: a `PUT` may send back what a `GET` returned. */
            version?: components["schemas"]["ReadOnly"];
            /** @description Ignored: a `PUT` may send back what a `GET` returned. */
            counts?: components["schemas"]["ReadOnly"];
            /** @description Ignored: a `PUT` may send back what a `GET` returned. */
            createdAt?: components["schemas"]["ReadOnly"];
        };
        /** @description A floor of the venue. */
        LayoutFloor: {
            /** @description Key by which sections name the floor, 1–32 characters. Each key can exist once. */
            key: string;
            /** @description What people see, 1–100 characters. */
            label: string;
        };
        /**
         * @description Id of a seating plan. 1–64 letters, digits, dots, underscores and hyphens, beginning with a letter or digit.
         * @example great-hall
         */
        LayoutId: string;
        /** @description The app has no seating plan with this id and version. */
        LayoutNotFoundError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "LAYOUT_NOT_FOUND";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description A page of an app's layouts. */
        LayoutPage: {
            /** @description The layouts in the order of their ids, each with its newest version. */
            layouts: components["schemas"]["LayoutVersion"][];
            /** @description Pass it as `cursor` to get the next page; absent on the last page. */
            nextCursor?: components["schemas"]["Cursor"];
        };
        /** @description A place on the plan. `x` grows to the right and `y` grows downwards. */
        LayoutPoint: {
            /**
             * Format: int32
             * @description Distance from the left edge in units of the plan, 0–100,000.
             */
            x: number;
            /**
             * Format: int32
             * @description Distance from the top edge in units of the plan, 0–100,000.
             */
            y: number;
        };
        /** @description A row of seats: `seats` lists them, or `run` describes them. */
        LayoutRow: {
            /** @description Label of the row, 1–16 characters. */
            label: string;
            /**
             * @description Key of the category of all seats that name none. It may be left out if the layout
             *     has only one category.
             */
            category?: string;
            /** @description The seats, one by one, each next to the one before. */
            seats?: components["schemas"]["LayoutSeat"][];
            /** @description The seats, evenly spaced. */
            run?: components["schemas"]["LayoutRun"];
        };
        /** @description Evenly spaced seats. Position 0 is at `x`, `y`; each next position is `dx`, `dy` further. */
        LayoutRun: {
            /**
             * Format: int32
             * @description Number of the first seat, 0–1,000,000.
             */
            first: number;
            /**
             * Format: int32
             * @description How many positions the run has, gaps included.
             */
            count: number;
            /**
             * Format: int32
             * @description Difference between the numbers of two neighbours, −1,000 to 1,000 and not 0.
             *     The default is 1.
             */
            step?: number;
            /**
             * Format: int32
             * @description Where position 0 is, 0–100,000.
             */
            x: number;
            /**
             * Format: int32
             * @description Where position 0 is, 0–100,000.
             */
            y: number;
            /**
             * Format: int32
             * @description Distance from one position to the next, along the x axis.
             */
            dx: number;
            /**
             * Format: int32
             * @description Distance from one position to the next, along the y axis.
             */
            dy: number;
            /**
             * Format: int32
             * @description How far the middle of the row is from the line between its ends. A row that goes to the
             *     right bends downwards; a negative bend goes to the other side.
             */
            bend?: number;
            /**
             * @description Positions without a seat, counted from 0. Seats on both sides of a gap are not neighbours,
             *     but their numbers follow each other.
             */
            gaps?: number[];
        };
        /** @description A seat that is listed by itself, not made by a run. */
        LayoutSeat: {
            /** @description Becomes the seat's `seatNumber`. Each number can exist once in the layout. */
            number: components["schemas"]["SeatNumber"];
            /** @description What people see, 1–32 characters. Without it, they see the number after its last hyphen. */
            label?: string;
            /**
             * Format: int32
             * @description Distance from the left edge in units of the plan, 0–100,000.
             */
            x: number;
            /**
             * Format: int32
             * @description Distance from the top edge in units of the plan, 0–100,000.
             */
            y: number;
            /** @description Key of the seat's category, if it is not the row's. */
            category?: string;
            /** @description What buyers should know about the seat. */
            flags?: components["schemas"]["Flag"][];
        };
        /** @description A part of the venue. */
        LayoutSection: {
            /** @description Key by which seats and filters name the section, 1–32 characters. Each key can exist once. */
            key: string;
            /** @description What people see, 1–100 characters. */
            label: string;
            /** @description Key of the section's floor. */
            floor?: string;
            /** @description Corners of the section: 3–1,000 points, each `[x, y]`. */
            outline?: number[][];
            /** @description Where people enter, 1–100 characters. */
            entrance?: string;
            /** @description The rows of seats. */
            rows: components["schemas"]["LayoutRow"][];
        };
        /** @description Something that is drawn besides the seats. */
        LayoutShape: {
            /** @description What the shape stands for in the venue. */
            role: components["schemas"]["LayoutShapeRole"];
            /** @description How it is drawn. */
            kind: components["schemas"]["LayoutShapeKind"];
            /**
             * @description `rect` and `ellipse` fill the box around their 2–4 points. `polygon` connects its 3–1,000
             *     points. `text` stands at its first point.
             */
            points: number[][];
            /** @description Text to show, 1–100 characters. The kind `text` needs one. */
            label?: string;
        };
        /**
         * @description How a shape is drawn.
         * @enum {string}
         */
        LayoutShapeKind: "rect" | "ellipse" | "polygon" | "text";
        /**
         * @description What a shape is.
         * @enum {string}
         */
        LayoutShapeRole: "stage" | "screen" | "door" | "driver" | "wall" | "toilet" | "text";
        /** @description The size of the plan. */
        LayoutSize: {
            /**
             * Format: int32
             * @description Width in units of the plan, 1–100,000.
             */
            width: number;
            /**
             * Format: int32
             * @description Height in units of the plan, 1–100,000.
             */
            height: number;
        };
        /** @description One version of a layout, without the plan itself. */
        LayoutVersion: {
            /** @description Id of the layout. */
            layoutId: components["schemas"]["LayoutId"];
            /**
             * Format: int64
             * @description 1 for the first version. Each PUT and each import makes the next one.
             */
            version: number;
            /** @description Name of the plan. */
            name: string;
            /** @description How many seats, rows, sections and categories the plan has. */
            counts: components["schemas"]["LayoutCounts"];
            /** @description When this version was stored. */
            createdAt: components["schemas"]["Timestamp"];
        };
        Limit: {
            /** @description The limit that is reached. */
            limit: number;
        };
        /** @description The app has as many of these as it may have. `details.limit` says how many. */
        LimitReachedError: {
            /** @constant */
            code: "LIMIT_REACHED";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            details: components["schemas"]["Limit"];
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        LockedSeats: {
            /** @description The seats that cannot be reserved. */
            conflicts: components["schemas"]["Conflict"][];
            /** @description Seconds until the last of the conflicting holds expires. */
            expiresIn: number;
        };
        /**
         * Format: password
         * @description The password of an account. One of more than 1,024 characters is wrong in any case.
         * @example a long enough one
         */
        LoginPassword: string;
        /**
         * @description The tenant's own data about a seat: a JSON object of at most 2048 bytes and 5 levels. Keys must not contain `$`, `.` or control characters; texts must not contain control characters.
         * @default {}
         * @example {
         *       "tier": "gold"
         *     }
         */
        Metadata: {
            [key: string]: unknown;
        };
        MismatchedPayment: {
            /**
             * @description What about the payment differs from the hold.
             * @enum {string}
             */
            field: "reservation" | "app" | "mode" | "amount" | "currency";
            /**
             * @description Present if the payment was taken although nothing was sold. The payment is recorded for a refund.
             * @constant
             */
            refundDue?: true;
        };
        MoneyLeft: {
            /** @description What is left of the payment, in the currency's minor unit. Present if the failed refund is larger than that. */
            left?: number;
        };
        /**
         * @description Display name, 1–100 characters. Not blank, no control characters. It is trimmed and kept in Unicode NFC.
         * @example Asha Rao
         */
        Name: string;
        /** @description A tenant: one frontend with its own key. */
        NewApp: {
            /** @description Public id of the tenant. Clients send it as `x-app-id`. */
            appId: components["schemas"]["AppId"];
            /** @description Display name, 1–100 characters. */
            name: components["schemas"]["Name"];
            /** @description The tenant's line of business. */
            domain: components["schemas"]["Domain"];
            /** @description Browser origins that may use the app. */
            allowedDomains: components["schemas"]["OriginEntry"][];
            /** @description Whether requests without an `Origin` header are accepted. */
            allowServerRequests: boolean;
            /** @description Whether the app is switched on. The requests of an inactive app fail with `APP_INACTIVE`. */
            isActive: boolean;
            /** @description When the tenant was registered. */
            createdAt: components["schemas"]["Timestamp"];
            /** @description When the tenant was last changed. */
            updatedAt: components["schemas"]["Timestamp"];
            /** @description The new API key. It is shown only in the response that creates it; store it then. */
            apiKey: components["schemas"]["ApiKey"];
        };
        /** @description The new key of an entity's public seat feed. */
        NewFeedKey: {
            /** @description Id of the entity. */
            entityId: components["schemas"]["EntityId"];
            /** @description The new key. The old key no longer works. */
            feedKey: components["schemas"]["FeedKey"];
        };
        /** @description A new API key. */
        NewKey: {
            /** @description The new API key. It is shown only in this response; store it now. */
            apiKey: components["schemas"]["ApiKey"];
        };
        /**
         * Format: password
         * @description A new password: 10–128 characters in Unicode NFC. No control characters, and not one of the most common passwords.
         * @example a long enough one
         */
        NewPassword: string;
        /** @description A seat to create. */
        NewSeat: {
            /** @description The seat number printed on the ticket. Each number can exist once in an entity. */
            seatNumber: components["schemas"]["SeatNumber"];
            /** @description Price in the currency's minor unit (cents, paise). */
            price: components["schemas"]["Price"];
            metadata?: components["schemas"]["Metadata"] | null;
            section?: components["schemas"]["SeatSection"] | null;
            row?: components["schemas"]["SeatRow"] | null;
            category?: components["schemas"]["SeatCategory"] | null;
            flags?: components["schemas"]["SeatFlags"] | null;
        };
        /** @description The seats to create, 1–1,000, each seat number once. */
        NewSeats: components["schemas"]["NewSeat"][];
        /** @description A new secret key. */
        NewSecretKey: {
            /** @description Id of the key. */
            keyId: components["schemas"]["SecretKeyId"];
            /** @description The name that was given to it. */
            name: components["schemas"]["Name"];
            /** @description The key. It is shown only in this response; store it now. */
            secretKey: components["schemas"]["SecretKey"];
        };
        /** @description A URL to which a tenant's events are sent. */
        NewWebhook: {
            /** @description Id of the endpoint. */
            webhookId: components["schemas"]["WebhookId"];
            /** @description Where events are sent. */
            url: string;
            /** @description The types of events that are sent. */
            types: components["schemas"]["EventTypes"];
            /** @description A note about the endpoint. */
            description?: components["schemas"]["WebhookDescription"];
            /** @description Whether events are sent. While this is `false`, deliveries are recorded as FAILED. */
            enabled: boolean;
            /** @description Why the service has disabled it. Absent otherwise. */
            disabledReason?: string;
            /** @description When the endpoint was created. */
            createdAt: components["schemas"]["Timestamp"];
            /** @description When the endpoint was last changed. */
            updatedAt: components["schemas"]["Timestamp"];
            /**
             * @description The secret that signs what is sent. It is shown only when the endpoint is
             *     created; store it now.
             */
            secret: string;
        };
        /** @description A new secret of an endpoint. */
        NewWebhookSecret: {
            /** @description Id of the endpoint. */
            webhookId: components["schemas"]["WebhookId"];
            /** @description The new secret. It is shown only in this response; store it now. */
            secret: string;
        };
        /** @description The response is too large without gzip, and the client refuses gzip. */
        NotAcceptableError: {
            /** @constant */
            code: "NOT_ACCEPTABLE";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description No seats match the request. `details.available` says how many seats are free within its filters, and `details.largestAdjacent` how many of them are side by side. */
        NotEnoughSeatsError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "NOT_ENOUGH_SEATS";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            details: components["schemas"]["SeatsLeft"];
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description A secret key may not call this route. */
        NotPermittedError: {
            /** @constant */
            code: "NOT_PERMITTED";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description How many seats of an entity are taken now. */
        Occupancy: {
            /**
             * Format: int64
             * @description All seats except removed ones.
             */
            total: number;
            /**
             * Format: int64
             * @description Seats that somebody holds.
             */
            held: number;
            /**
             * Format: int64
             * @description Seats that are sold.
             */
            booked: number;
        };
        /**
         * @description An origin, or a wildcard over one label. An app shell's origin (`capacitor://localhost`) is compared as exact text. A name in another script is kept in punycode. Refused: paths, public suffixes such as `https://*.com`, and `http` except for `localhost`, names under it, loopback and private addresses.
         * @example https://event.com
         * @example https://*.event.com
         * @example capacitor://localhost
         */
        OriginEntry: string;
        /** @description The request's `Origin` is not in the app's `allowedDomains`, or is missing where the app requires one. */
        OriginNotAllowedError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "ORIGIN_NOT_ALLOWED";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /**
         * Format: int64
         * @description Seconds for which the old API key keeps working, 0–86,400.
         * @default 0
         */
        Overlap: number;
        /**
         * @description The body of `PATCH /admin/apps/{appId}/entities/{entityId}`. Omitted fields stay as they are,
         *     and `null` clears an optional field.
         */
        PatchEntityIn: {
            title?: components["schemas"]["Title"] | null;
            description?: components["schemas"]["Description"] | null;
            venue?: components["schemas"]["Venue"] | null;
            currency?: components["schemas"]["Currency"] | null;
            startsAt?: components["schemas"]["Instant"] | null;
            endsAt?: components["schemas"]["Instant"] | null;
            timeZone?: components["schemas"]["TimeZone"] | null;
            salesOpenAt?: components["schemas"]["Instant"] | null;
            salesCloseAt?: components["schemas"]["Instant"] | null;
            state?: components["schemas"]["EntityState"] | null;
            holdSeconds?: components["schemas"]["HoldSeconds"] | null;
            maxSeatsPerUser?: components["schemas"]["SeatLimit"] | null;
            /**
             * @description Whether the search for the best seats may offer seats with the flags `wheelchair`
             *     and `companion` to everybody.
             */
            releaseAccessible?: boolean | null;
            cancellationPolicy?: components["schemas"]["CancellationPolicy"] | null;
        };
        /** @description The body of `PATCH /admin/apps/{appId}/entities/{entityId}/seats`. */
        PatchSeatsIn: {
            /** @description Which seats to change. */
            where: components["schemas"]["WhereSeats"];
            /** @description The values to set on these seats. Omitted fields stay as they are. */
            set: components["schemas"]["SetSeats"];
        };
        /**
         * @description The body of `PATCH /admin/apps/{appId}/webhooks/{webhookId}`. Send at least one field. Omitted
         *     fields stay as they are.
         */
        PatchWebhookIn: {
            /**
             * Format: uri
             * @description Where events are sent from now on.
             */
            url?: string | null;
            types?: components["schemas"]["EventTypes"] | null;
            description?: components["schemas"]["WebhookDescription"] | null;
            /** @description `false` stops the sending, and `true` begins it again. */
            enabled?: boolean | null;
        };
        /** @description The request body is too large. */
        PayloadTooLargeError: {
            /** @constant */
            code: "PAYLOAD_TOO_LARGE";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description A started payment, with what the buyer's browser needs to make it. */
        Payment: {
            /**
             * @description Id of the payment, for `POST /confirm-booking`. Absent for Razorpay, whose payment gets its
             *     id in the checkout.
             */
            paymentId?: string;
            /** @description Who takes the payment. */
            provider: components["schemas"]["PaymentProvider"];
            /** @description The provider's own status of the payment, such as `requires_payment_method`. */
            status: string;
            /**
             * Format: int64
             * @description Amount to pay in the currency's minor unit.
             */
            amount: number;
            /** @description Currency of the amount, an ISO 4217 code. */
            currency: components["schemas"]["Currency"];
            /** @description When the hold expires now, by the server's clock. */
            holdExpiresAt: components["schemas"]["Timestamp"];
            /** @description Stripe: the secret with which the buyer's browser makes the payment. */
            clientSecret?: string;
            /** @description Stripe: the publishable key. */
            publishableKey?: string;
            /** @description Razorpay: the order that the buyer pays in the checkout. */
            orderId?: string;
            /** @description Razorpay: the key id. */
            keyId?: string;
        };
        /** @description The payment was already used for another hold. */
        PaymentAlreadyUsedError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "PAYMENT_ALREADY_USED";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            details?: components["schemas"]["Refund"];
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description The payment is disputed at the bank, or the buyer has won the dispute. So it is not refunded. */
        PaymentDisputedError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "PAYMENT_DISPUTED";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description The payment provider declined the payment. */
        PaymentFailedError: {
            /** @constant */
            code: "PAYMENT_FAILED";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /**
         * @description Id of a payment at the payment provider: 1–255 letters, digits and `._:=+/-`, beginning with a letter, a digit, `_` or `-`. Not `free:` with a UUID.
         * @example pay_7Hq2
         */
        PaymentId: string;
        /** @description The payment does not pay for this hold. `details.field` says what differs: `reservation`, `app`, `mode`, `amount` or `currency`. The hold is kept. */
        PaymentMismatchError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "PAYMENT_MISMATCH";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            details: components["schemas"]["MismatchedPayment"];
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /**
         * @description `live` takes real money, `test` does not.
         * @enum {string}
         */
        PaymentMode: "live" | "test";
        /** @description The hold costs nothing. Confirm it without a payment. */
        PaymentNotNeededError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "PAYMENT_NOT_NEEDED";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description The payment may still succeed. `details.paymentStatus` is the provider's status of it. The hold is kept. Repeat the request later. */
        PaymentPendingError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "PAYMENT_PENDING";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            details: components["schemas"]["PaymentProgress"];
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        PaymentProgress: {
            /** @description The provider's own status of the payment. */
            paymentStatus: string;
        };
        /**
         * @description Who takes a payment. `simulated` moves no money.
         * @enum {string}
         */
        PaymentProvider: "stripe" | "razorpay" | "simulated";
        /** @description Who takes an app's payments. Its secrets are never shown. */
        PaymentSetup: {
            /** @description The provider, or `none`. */
            provider: components["schemas"]["ShownProvider"];
            /** @description `live` if real money is taken; absent without a provider. */
            mode?: components["schemas"]["PaymentMode"];
            /** @description Stripe's publishable key; absent for other providers. */
            publishableKey?: string;
            /** @description Razorpay's key id; absent for other providers. */
            keyId?: string;
            /** @description The URL to register at the provider for its webhooks. */
            webhookUrl?: string;
            /** @description When the keys were set; absent if the app uses the deployment's default provider. */
            configuredAt?: components["schemas"]["Timestamp"];
        };
        /** @description The payment of the hold was started. Release the hold to choose other seats. */
        PaymentStartedError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "PAYMENT_STARTED";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /**
         * @description Whether the payment provider took the payment. `PENDING`: not known yet.
         *     `SUCCESS`: it was taken. `FAILED`: it was declined.
         * @enum {string}
         */
        PaymentStatus: "PENDING" | "SUCCESS" | "FAILED";
        /** @description The app has no payment provider, or the service has no keys to seal a provider's secrets. */
        PaymentsNotConfiguredError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "PAYMENTS_NOT_CONFIGURED";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /**
         * @description Telephone number: 3–32 digits, spaces, brackets or hyphens, with an optional `+` in front.
         * @example +91 98765 43210
         */
        Phone: string;
        /**
         * @description A file with a seating plan: `pretix`, a seating plan of pretix as `application/json`; or `csv`,
         *     a spreadsheet as `text/csv`.
         * @enum {string}
         */
        PlanFormat: "pretix" | "csv";
        /** @description The version is not the one that `If-Match` requires. */
        PreconditionFailedError: {
            /** @constant */
            code: "PRECONDITION_FAILED";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /**
         * Format: int64
         * @description Price in the currency's minor unit (cents, paise), 0 to 10^12.
         * @example 45000
         */
        Price: number;
        /**
         * @description The body of `PUT /admin/apps/{appId}/entities/{entityId}`: all settings. Read-only fields of
         *     a response are ignored.
         */
        PutEntityIn: {
            /** @description The title that buyers see. */
            title: components["schemas"]["Title"];
            description?: components["schemas"]["Description"] | null;
            venue?: components["schemas"]["Venue"] | null;
            currency?: components["schemas"]["Currency"] | null;
            startsAt?: components["schemas"]["Instant"] | null;
            endsAt?: components["schemas"]["Instant"] | null;
            timeZone?: components["schemas"]["TimeZone"] | null;
            salesOpenAt?: components["schemas"]["Instant"] | null;
            salesCloseAt?: components["schemas"]["Instant"] | null;
            state?: components["schemas"]["EntityState"] | null;
            holdSeconds?: components["schemas"]["HoldSeconds"] | null;
            maxSeatsPerUser?: components["schemas"]["SeatLimit"] | null;
            /**
             * @description Whether the search for the best seats may offer seats with the flags `wheelchair`
             *     and `companion` to everybody.
             */
            releaseAccessible?: boolean | null;
            cancellationPolicy?: components["schemas"]["CancellationPolicy"] | null;
            /** @description Ignored: a `PUT` may send back what a `GET` returned. */
            entityId?: components["schemas"]["ReadOnly"];
            /** @description Ignored: a `PUT` may send back what a `GET` returned. */
            layoutId?: components["schemas"]["ReadOnly"];
            /** @description Ignored: a `PUT` may send back what a `GET` returned. */
            layoutVersion?: components["schemas"]["ReadOnly"];
            /** @description Ignored: a `PUT` may send back what a `GET` returned. */
            seatsIncomplete?: components["schemas"]["ReadOnly"];
            /** @description Ignored: a `PUT` may send back what a `GET` returned. */
            cancelling?: components["schemas"]["ReadOnly"];
            /** @description Ignored: a `PUT` may send back what a `GET` returned. */
            seatsVersion?: components["schemas"]["ReadOnly"];
            /** @description Ignored: a `PUT` may send back what a `GET` returned. */
            feedKey?: components["schemas"]["ReadOnly"];
            /** @description Ignored: a `PUT` may send back what a `GET` returned. */
            seats?: components["schemas"]["ReadOnly"];
            /** @description Ignored: a `PUT` may send back what a `GET` returned. */
            version?: components["schemas"]["ReadOnly"];
            /** @description Ignored: a `PUT` may send back what a `GET` returned. */
            createdAt?: components["schemas"]["ReadOnly"];
            /** @description Ignored: a `PUT` may send back what a `GET` returned. */
            updatedAt?: components["schemas"]["ReadOnly"];
        };
        /** @description The body of `PUT /admin/apps/{appId}/payments`. Which keys are required depends on the provider. */
        PutPaymentsIn: {
            /** @description Who takes the app's payments. */
            provider: components["schemas"]["PaymentProvider"];
            /** @description Stripe: the secret key, or a restricted key. */
            secretKey?: string | null;
            /** @description Stripe: the publishable key, of the same mode as the secret key. */
            publishableKey?: string | null;
            /** @description Razorpay: the key id. */
            keyId?: string | null;
            /** @description Razorpay: the key secret. */
            keySecret?: string | null;
            /** @description Stripe and Razorpay: the secret that signs the events. */
            webhookSecret?: string | null;
        };
        /**
         * Format: int64
         * @description How many seats to hold, 1–10.
         */
        Quantity: number;
        /** @description Too many requests. Repeat the request after `Retry-After`. */
        RateLimitedError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "RATE_LIMITED";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description Ignored, so that a response can be sent back. */
        ReadOnly: unknown;
        /**
         * @description Why, 1–500 characters. The booking's history keeps it.
         * @example The band is ill.
         */
        Reason: string;
        /** @description The body of `POST …/webhooks/{webhookId}/recover`. */
        RecoverIn: {
            /** @description Send what was created at this time or later and is not delivered. */
            since: components["schemas"]["Instant"];
        };
        /** @description Deliveries that are about to be sent again. */
        RecoveredDeliveries: {
            /**
             * Format: int64
             * @description Number of deliveries that are sent again.
             */
            recovered: number;
        };
        Refund: {
            /**
             * @description Present if the payment was taken although nothing was sold. The payment is recorded for a refund.
             * @constant
             */
            refundDue?: true;
        };
        /**
         * Format: int64
         * @description How much to give back, in the currency's minor unit.
         */
        RefundAmount: number;
        /** @description The body of `POST /admin/bookings/{bookingId}/refund`. */
        RefundBookingIn: {
            /** @description Amount to give back: at most what is left of the payment. */
            amount: components["schemas"]["RefundAmount"];
            /** @description The reason, for the booking's history. */
            reason: components["schemas"]["Reason"];
        };
        /** @description The refund is not `expectedRefund` any more. `details.refund` is the refund now. */
        RefundChangedError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "REFUND_CHANGED";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            details: components["schemas"]["ChangedRefund"];
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        RefundChoice: ("POLICY" | "FULL" | "NONE") | components["schemas"]["RefundOfAmount"];
        /** @description The refund has not failed, was retried or settled before, or its money went back another way. */
        RefundNotFailedError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "REFUND_NOT_FAILED";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            details?: components["schemas"]["MoneyLeft"];
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description There is no such refund. */
        RefundNotFoundError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "REFUND_NOT_FOUND";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        RefundOfAmount: {
            /** @description How much goes back, in the currency's minor unit: at most the price of the seats. */
            amount: components["schemas"]["SeatsRefund"];
        };
        /** @description A page of refunds, newest first. */
        RefundPage: {
            /** @description The refunds, newest first. */
            refunds: components["schemas"]["AdminRefund"][];
            /** @description Pass it as `cursor` to get the next page; absent on the last page. */
            nextCursor?: components["schemas"]["Cursor"];
        };
        /**
         * Format: int64
         * @description Part of the price that goes back, in percent, 0–100.
         */
        RefundPercent: number;
        /**
         * @description Who made a refund. `API`: this service. `PROVIDER`: somebody at the provider, or a buyer
         *     who won a dispute.
         * @enum {string}
         */
        RefundSource: "API" | "PROVIDER";
        /**
         * @description The state of a refund. `PENDING`: on record. `SUBMITTED`: the provider was asked. `SUCCEEDED`:
         *     paid. `FAILED`: not paid.
         * @enum {string}
         */
        RefundStatus: "PENDING" | "SUBMITTED" | "SUCCEEDED" | "FAILED";
        /**
         * @description How much of a payment was given back. `NONE`: nothing. `PENDING`: a refund is on its way.
         *     `PARTIAL`: a part. `REFUNDED`: everything. `FAILED`: a refund could not be paid.
         * @enum {string}
         */
        RefundSummary: "NONE" | "PENDING" | "PARTIAL" | "REFUNDED" | "FAILED";
        RefusedCancellation: {
            /**
             * @description Why the user cannot cancel.
             * @enum {string}
             */
            reason: "NO_POLICY" | "TOO_LATE" | "STARTED";
        };
        /** @description The body of `POST /admin/apps`. */
        RegisterIn: {
            appId?: components["schemas"]["AppId"] | null;
            /** @description Display name, 1–100 characters. */
            name: components["schemas"]["Name"];
            /** @description The tenant's line of business. It cannot be changed later. */
            domain: components["schemas"]["Domain"];
            /**
             * @description Browser origins that may use the app, at most 50. The list may be empty only with
             *     `allowServerRequests` set to true.
             */
            allowedDomains: components["schemas"]["OriginEntry"][];
            /**
             * @description Whether to accept requests without an `Origin` header. Browsers send the header with every
             *     cross-origin request; servers usually do not.
             * @default false
             */
            allowServerRequests: boolean | null;
        };
        /** @description The body of `POST /release-seat`. */
        ReleaseIn: {
            /** @description Token of the caller's own hold, from `POST /reserve-seat`. */
            reservationToken: components["schemas"]["ReservationToken"];
        };
        /** @description The hold was released. */
        Released: {
            /** @description Always `true`: the hold has ended. */
            released: boolean;
        };
        /** @description The body of `POST /admin/apps/{appId}/entities/{entityId}/seats/remove`. */
        RemoveSeatsIn: {
            /** @description Which seats to remove. */
            where: components["schemas"]["WhereSeats"];
        };
        /** @description What a removal of seats did. */
        RemovedSeats: {
            /**
             * Format: int64
             * @description Seats that were removed.
             */
            removed: number;
            /** @description Seats that stay, because they are held or were sold. */
            skipped: components["schemas"]["SkippedSeat"][];
        };
        /** @description Figures of a period, per app and per line of business. */
        Report: {
            /** @description The figures of each app, oldest app first. */
            apps: components["schemas"]["AppReport"][];
            /** @description The figures of each line of business that has an app. */
            domains: components["schemas"]["DomainReport"][];
            /** @description The figures of each entity; only with `appId`, with `entityId`, or for a secret key. */
            entities?: components["schemas"]["EntityReport"][];
        };
        /** @description The hold is already a booking. */
        ReservationAlreadyConfirmedError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "RESERVATION_ALREADY_CONFIRMED";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            details?: components["schemas"]["Refund"];
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description The hold has expired. */
        ReservationExpiredError: {
            /** @constant */
            code: "RESERVATION_EXPIRED";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            details?: components["schemas"]["Refund"];
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description The user has no such hold in this app. */
        ReservationNotFoundError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "RESERVATION_NOT_FOUND";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description The hold was released. */
        ReservationReleasedError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "RESERVATION_RELEASED";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            details?: components["schemas"]["Refund"];
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /**
         * Format: uuid
         * @description Token of a hold: a UUID.
         * @example 0b0e4c0e-8c0f-4f51-9d7b-6a6f3f4f1c2d
         */
        ReservationToken: string;
        /** @description Number of reservations by status. */
        Reservations: {
            /**
             * Format: int64
             * @description Holds that are live now.
             */
            active: number;
            /**
             * Format: int64
             * @description Holds whose seats were paid for and booked.
             */
            confirmed: number;
            /**
             * Format: int64
             * @description Holds that the user released, or that ended because the payment was declined.
             */
            released: number;
            /**
             * Format: int64
             * @description Holds that ended because the time was up.
             */
            expired: number;
        };
        /** @description `seatId` holds one seat, `seatIds` several, `bestAvailable` the best free ones. `reservationToken` with `seatIds` changes an existing hold to exactly these seats. */
        ReserveIn: {
            seatId: components["schemas"]["SeatId"];
        } | {
            seatIds: components["schemas"]["SeatIds"];
        } | {
            bestAvailable: components["schemas"]["BestAvailable"];
        } | {
            reservationToken: components["schemas"]["ReservationToken"];
            seatIds: components["schemas"]["SeatIds"];
        };
        /** @description The body of `POST /admin/refunds/{refundId}/retry`. */
        RetryRefundIn: {
            reason?: components["schemas"]["Reason"] | null;
        };
        /** @description Revenue in one currency. */
        Revenue: {
            /** @description ISO 4217 currency code. */
            currency: components["schemas"]["Currency"];
            /**
             * Format: int64
             * @description Sum of the amounts, in the currency's minor unit.
             */
            amount: number;
        };
        /** @description The body of `POST /admin/apps/{appId}/rotate-key`. */
        RotateIn: {
            overlapSeconds?: components["schemas"]["Overlap"] | null;
        };
        /** @description The body of `POST …/webhooks/{webhookId}/rotate-secret`. */
        RotateWebhookSecretIn: {
            overlapSeconds?: components["schemas"]["Overlap"] | null;
        };
        /** @description The path does not exist. */
        RouteNotFoundError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "ROUTE_NOT_FOUND";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        SaleOpening: {
            /**
             * Format: date-time
             * @description When the sale begins.
             */
            opensAt: string;
        };
        /**
         * @description Whether seats can be held: `OPEN`; `NOT_YET` before the sale; `CLOSED` after it; `PAUSED` or
         *     `CANCELLED` by the organiser.
         * @enum {string}
         */
        Sales: "OPEN" | "NOT_YET" | "CLOSED" | "PAUSED" | "CANCELLED";
        /** @description The sale is over. */
        SalesClosedError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "SALES_CLOSED";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description The sale has not begun. `details.opensAt` says when it does. */
        SalesNotOpenError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "SALES_NOT_OPEN";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            details: components["schemas"]["SaleOpening"];
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description The organiser has paused the sale. */
        SalesPausedError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "SALES_PAUSED";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description A seat. `status` is present only in a listing with `include=all`. */
        Seat: {
            /** @description Id of the seat. */
            seatId: components["schemas"]["SeatId"];
            /** @description The seat number as printed on the ticket. */
            seatNumber: components["schemas"]["SeatNumber"];
            /** @description Price in the currency's minor unit (cents, paise). */
            price: components["schemas"]["Price"];
            /** @description Currency of the price, an ISO 4217 code. */
            currency: components["schemas"]["Currency"];
            /** @description The tenant's own data about the seat. */
            metadata: components["schemas"]["Metadata"];
            /** @description Key of the seat's section. */
            section?: components["schemas"]["SeatSection"];
            /** @description Label of the section, for people; absent if the section has none. */
            sectionLabel?: string;
            /** @description Label of the seat's row. */
            row?: components["schemas"]["SeatRow"];
            /** @description Label of the seat, for people; absent if the seat has none. */
            label?: string;
            /** @description Key of the seat's category. */
            category?: components["schemas"]["SeatCategory"];
            /** @description What a buyer should know about the seat; absent if there is nothing. */
            flags?: components["schemas"]["SeatFlags"];
            /** @description Whether the seat can be reserved now. */
            status?: components["schemas"]["SeatStatus"];
            /**
             * Format: int64
             * @description Seconds until the seat's hold expires; present only while the seat is `LOCKED`.
             */
            expiresIn?: number;
            /** @description Whether the hold is the caller's own; present only while the seat is `LOCKED`. */
            mine?: boolean;
            /** @description The booking that sold the seat; present only for organisers. */
            bookingId?: components["schemas"]["BookingId"];
            /** @description When the seat's hold expires; present only for organisers. */
            expiresAt?: components["schemas"]["Timestamp"];
        };
        /** @description A seat of the request is sold. `details.conflicts` says which. */
        SeatAlreadyBookedError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "SEAT_ALREADY_BOOKED";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            details: components["schemas"]["BookedSeats"];
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description The entity already has a seat with this number. Or it already has seats, so none can be made from a layout. `details.seatNumbers` lists such seats, at most 100. */
        SeatAlreadyExistsError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "SEAT_ALREADY_EXISTS";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            details: components["schemas"]["ExistingSeats"];
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description Somebody holds a seat of the request. `details.conflicts` says which. */
        SeatAlreadyLockedError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "SEAT_ALREADY_LOCKED";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            details: components["schemas"]["LockedSeats"];
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /**
         * @description Key of a seat's category, 1–64 characters.
         * @example gold
         */
        SeatCategory: string;
        /** @description How many seats an entity has, by what can be done with them. */
        SeatCounts: {
            /**
             * Format: int64
             * @description All seats except removed ones.
             */
            total: number;
            /**
             * Format: int64
             * @description Seats that can be held.
             */
            available: number;
            /**
             * Format: int64
             * @description Seats that somebody holds.
             */
            held: number;
            /**
             * Format: int64
             * @description Seats that are sold.
             */
            booked: number;
            /**
             * Format: int64
             * @description Seats that are not for sale.
             */
            notForSale: number;
        };
        /** @description What a buyer should know about a seat. */
        SeatFlags: components["schemas"]["Flag"][];
        /**
         * @description Id of a seat.
         * @example 65b0c0ffee0123456789abcd
         */
        SeatId: string;
        /** @description 1–10 distinct seats of one entity. Either all are held or none. */
        SeatIds: components["schemas"]["SeatId"][];
        /**
         * Format: int64
         * @description How many seats one user may hold and book in the entity, 1–1,000.
         */
        SeatLimit: number;
        /** @description The user has as many seats of this entity as one user may have. `details.limit` says how many. */
        SeatLimitReachedError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "SEAT_LIMIT_REACHED";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            details: components["schemas"]["Limit"];
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description The organiser does not sell a seat of the request now. `details.conflicts` says which. */
        SeatNotForSaleError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "SEAT_NOT_FOR_SALE";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            details: components["schemas"]["SeatsOffSale"];
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description The seat does not exist in this app. */
        SeatNotFoundError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "SEAT_NOT_FOUND";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /**
         * @description The seat number printed on the ticket: 1–64 printable characters. It is trimmed and kept in Unicode NFC. Two numbers that differ only in invisible characters or in the kind of white space are the same.
         * @example A2
         */
        SeatNumber: string;
        /** @description A page of an entity's seats, in natural order of their numbers (A2 before A10). */
        SeatPage: {
            /** @description The event, ride or show that the seats belong to. */
            entityId: components["schemas"]["EntityId"];
            /** @description The available seats, or every seat with `include=all`. */
            seats: components["schemas"]["Seat"][];
            /** @description Pass it as `cursor` to get the next page; absent on the last page. */
            nextCursor?: components["schemas"]["Cursor"];
        };
        /**
         * @description Label of the row that a seat is in, 1–16 characters.
         * @example A
         */
        SeatRow: string;
        /**
         * @description Key of the section that a seat is in, 1–64 characters.
         * @example stalls
         */
        SeatSection: string;
        /**
         * @description Whether a seat can be reserved: `AVAILABLE` now, `LOCKED` while somebody holds it,
         *     `BOOKED` once it is sold, `NOT_FOR_SALE` while the organiser does not sell it.
         * @enum {string}
         */
        SeatStatus: "AVAILABLE" | "LOCKED" | "BOOKED" | "NOT_FOR_SALE";
        /**
         * @description Which seats to list. `AVAILABLE`: those that can be reserved now. `LOCKED`: held ones. `BOOKED`:
         *     sold ones. `NOT_FOR_SALE`: those that the organiser does not sell.
         * @enum {string}
         */
        SeatStatusFilter: "AVAILABLE" | "LOCKED" | "BOOKED" | "NOT_FOR_SALE";
        SeatsLeft: {
            /** @description How many seats are free within the filters. */
            available: number;
            /** @description How many of them are side by side at most. */
            largestAdjacent: number;
        };
        SeatsOffSale: {
            /** @description The seats that cannot be reserved. */
            conflicts: components["schemas"]["Conflict"][];
        };
        /**
         * Format: int64
         * @description How much goes back for seats, in the currency's minor unit.
         */
        SeatsRefund: number;
        /** @description A secret key. It is shown once and stored as a hash. */
        SecretKey: string;
        /**
         * @description Id of a secret key.
         * @example 65b0c0ffee0123456789abd0
         */
        SecretKeyId: string;
        /** @description A secret key, without its text. */
        SecretKeyInfo: {
            /** @description Id of the key. */
            keyId: components["schemas"]["SecretKeyId"];
            /** @description A name to recognize the key by, 1–100 characters. */
            name: components["schemas"]["Name"];
            /** @description When the key was created. */
            createdAt: components["schemas"]["Timestamp"];
            /** @description Start, in UTC, of the day on which the key was last used. Absent until its first use. */
            lastUsedAt?: components["schemas"]["Timestamp"];
        };
        /** @description The secret keys of an app. */
        SecretKeyList: {
            /** @description The keys, oldest first. */
            secretKeys: components["schemas"]["SecretKeyInfo"][];
        };
        /** @description The app has no such secret key. */
        SecretKeyNotFoundError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "SECRET_KEY_NOT_FOUND";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description A section of an entity. */
        Section: {
            /** @description Key of the section in its layout. */
            section: string;
            /**
             * Format: int64
             * @description Seats that can be held.
             */
            available: number;
            /** @description The lowest price of a seat. */
            priceFrom?: components["schemas"]["Price"];
            /** @description The highest price of a seat. */
            priceTo?: components["schemas"]["Price"];
        };
        /**
         * @description Whether a server responds.
         * @enum {string}
         */
        ServerStatus: "up" | "down";
        /** @description A dependency is unavailable. The request may or may not have taken effect; repeating it is safe. */
        ServiceDownError: {
            /** @constant */
            code: "SERVICE_UNAVAILABLE";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            details?: components["schemas"]["Health"];
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description A dependency is unavailable. The request may or may not have taken effect; repeating it is safe. */
        ServiceUnavailableError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "SERVICE_UNAVAILABLE";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description New values of seats, at least one. `null` clears an optional field. */
        SetSeats: {
            /** @description Price for later holds. Sold seats keep their price. */
            price?: components["schemas"]["Price"];
            /** @description Key of the category. */
            category?: components["schemas"]["SeatCategory"];
            /** @description Key of the section. */
            section?: components["schemas"]["SeatSection"];
            /** @description Label of the row. */
            row?: components["schemas"]["SeatRow"];
            /** @description The new flags. They replace all flags of the seats. */
            flags?: components["schemas"]["SeatFlags"];
            /** @description The tenant's own data. It replaces the data of the seats. */
            metadata?: components["schemas"]["Metadata"];
            /** @description `false` takes seats off sale, `true` puts them on sale again. */
            forSale?: boolean;
        };
        /** @description The body of `POST /admin/refunds/{refundId}/settle`. */
        SettleRefundIn: {
            /** @description How it was paid. The booking's history keeps it. */
            note: components["schemas"]["Reason"];
        };
        /** @description The record that a failed refund was paid by hand. */
        SettledRefund: {
            /** @description When that was recorded. */
            at: components["schemas"]["Timestamp"];
            /** @description `admin`, or the id of the tenant's secret key. */
            actor: string;
            /** @description How the money was paid, as the person who recorded it wrote. */
            note: string;
        };
        /** @description A policy, as it is stored in entities, holds and bookings. */
        ShownCancellationPolicy: {
            /** @description The tiers. From one to the next, `hoursBefore` falls and `refundPercent` does not rise. */
            tiers: components["schemas"]["ShownCancellationTier"][];
            /**
             * Format: int64
             * @description Fee that is deducted from each seat's refund, in the currency's minor unit.
             */
            feePerSeat?: number;
        };
        /** @description A buyer who cancels at least `hoursBefore` the start gets `refundPercent` of the price back. */
        ShownCancellationTier: {
            /**
             * Format: int64
             * @description How many hours before the start a buyer must cancel at the latest.
             */
            hoursBefore: number;
            /**
             * Format: int64
             * @description Part of the price that goes back, in percent.
             */
            refundPercent: number;
        };
        /** @enum {string} */
        ShownProvider: "none" | "stripe" | "razorpay" | "simulated";
        /** @description The body of `POST /auth/login` and `POST /admin/login`. */
        SignIn: {
            /** @description E-mail address of the account. */
            email: components["schemas"]["Email"];
            /** @description The password to check. */
            password: components["schemas"]["LoginPassword"];
        };
        /** @description The body of `POST /auth/signup`. */
        SignupIn: {
            /** @description E-mail address of the new account. Each address can have one account. */
            email: components["schemas"]["Email"];
            /** @description Password of the new account. It must not be the e-mail address or the part before the `@`. */
            password: components["schemas"]["NewPassword"];
            /** @description Display name, 1–100 characters. */
            name: components["schemas"]["Name"];
            phone?: components["schemas"]["Phone"] | null;
        };
        /**
         * @description Why a seat stays as it is: `BOOKED` if it is or was sold, `LOCKED` if somebody holds it.
         * @enum {string}
         */
        SkipReason: "BOOKED" | "LOCKED";
        /** @description A seat that stays as it is. */
        SkippedSeat: {
            /** @description Number of the seat in its entity. */
            seatNumber: components["schemas"]["SeatNumber"];
            /** @description Why: it is sold, or somebody holds it. */
            reason: components["schemas"]["SkipReason"];
        };
        /** @description The body of `POST /payments`. */
        StartPaymentIn: {
            /** @description Token of the caller's own hold, from `POST /reserve-seat`. */
            reservationToken: components["schemas"]["ReservationToken"];
        };
        /** @description A delivery that is about to be sent. */
        StartedDelivery: {
            /** @description Id of the delivery. */
            deliveryId: components["schemas"]["DeliveryId"];
            /** @description Id of the event, which the receiver gets as `webhook-id`. */
            eventId: string;
        };
        /**
         * @description A time zone of the IANA database.
         * @example Asia/Kolkata
         */
        TimeZone: string;
        /**
         * Format: date-time
         * @description A date and time in RFC 3339: UTC, with milliseconds.
         * @example 2026-01-22T10:00:00.000Z
         */
        Timestamp: string;
        /**
         * @description Title of an entity, 1–200 characters.
         * @example Jazz in the park
         */
        Title: string;
        /** @description A bearer token and its lifetime. */
        Token: {
            /** @description The token. Send it as `Authorization: Bearer <token>`. */
            token: string;
            /** @description Always `Bearer`, as in RFC 6750. */
            tokenType: components["schemas"]["TokenType"];
            /**
             * Format: int64
             * @description Seconds until the token expires.
             */
            expiresIn: number;
            /** @description The user who signed in; absent for the admin. */
            user?: components["schemas"]["User"];
        };
        /** @description The user's token was issued by another app. */
        TokenAppMismatchError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "TOKEN_APP_MISMATCH";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description The bearer token has expired. Sign in again. */
        TokenExpiredError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "TOKEN_EXPIRED";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @constant */
        TokenType: "Bearer";
        /** @description Five API keys of the app are valid. Wait until an overlap ends, or rotate with `overlapSeconds: 0`. */
        TooManyKeysError: {
            /** @constant */
            code: "TOO_MANY_KEYS";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description The bearer token is missing or invalid. */
        UnauthenticatedError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "UNAUTHENTICATED";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description The request's `content-type` is not the one that the route takes, mostly `application/json`. */
        UnsupportedMediaTypeError: {
            /** @constant */
            code: "UNSUPPORTED_MEDIA_TYPE";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /**
         * @description The body of `PATCH /admin/apps/{appId}`. Send at least one field. Omitted fields stay
         *     as they are now.
         */
        UpdateIn: {
            /** @description New display name, 1–100 characters. */
            name?: components["schemas"]["Name"];
            /** @description New list of origins, at most 50. It replaces the whole list. */
            allowedDomains?: components["schemas"]["OriginEntry"][];
            /** @description Whether to accept requests without an `Origin` header. */
            allowServerRequests?: boolean;
            /**
             * @description `false` switches the app off: its requests are refused with `APP_INACTIVE`. `true`
             *     switches it on again.
             */
            isActive?: boolean;
        };
        /** @description A user's account, without the password. */
        User: {
            /** @description Id of the user, the same in every app. */
            userId: components["schemas"]["UserId"];
            /** @description E-mail address, trimmed, in lower case and without invisible characters. */
            email: components["schemas"]["Email"];
            /** @description Display name, 1–100 characters. */
            name: components["schemas"]["Name"];
            /** @description Telephone number; absent if none was given. */
            phone?: components["schemas"]["Phone"];
        };
        /**
         * @description Id of a user.
         * @example 65b0c0ffee0123456789abce
         */
        UserId: string;
        /** @description A bearer token and its lifetime. */
        UserToken: {
            /** @description The token. Send it as `Authorization: Bearer <token>`. */
            token: string;
            /** @description Always `Bearer`, as in RFC 6750. */
            tokenType: components["schemas"]["TokenType"];
            /**
             * Format: int64
             * @description Seconds until the token expires.
             */
            expiresIn: number;
            /** @description The user who signed in; absent for the admin. */
            user: components["schemas"]["User"];
        };
        /** @description A field or parameter is missing, unknown or invalid. `details.fields` says which and why. */
        ValidationError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "VALIDATION_ERROR";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            details: components["schemas"]["InvalidFields"];
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /**
         * @description Where the entity takes place, 1–200 characters.
         * @example City Hall
         */
        Venue: string;
        /** @description A URL to which a tenant's events are sent. */
        Webhook: {
            /** @description Id of the endpoint. */
            webhookId: components["schemas"]["WebhookId"];
            /** @description Where events are sent. */
            url: string;
            /** @description The types of events that are sent. */
            types: components["schemas"]["EventTypes"];
            /** @description A note about the endpoint. */
            description?: components["schemas"]["WebhookDescription"];
            /** @description Whether events are sent. While this is `false`, deliveries are recorded as FAILED. */
            enabled: boolean;
            /** @description Why the service has disabled it. Absent otherwise. */
            disabledReason?: string;
            /** @description When the endpoint was created. */
            createdAt: components["schemas"]["Timestamp"];
            /** @description When the endpoint was last changed. */
            updatedAt: components["schemas"]["Timestamp"];
            /**
             * @description The secret that signs what is sent. It is shown only when the endpoint is
             *     created; store it now.
             */
            secret?: string;
        };
        /**
         * @description A note about an endpoint, 1–200 characters.
         * @example Stock system
         */
        WebhookDescription: string;
        /**
         * Format: uuid
         * @description Id of a webhook endpoint.
         * @example 3c1f3c86-6d3c-4f0c-9d7c-0d2a4f1b7a11
         */
        WebhookId: string;
        /** @description The webhook endpoints of an app. */
        WebhookList: {
            /** @description The endpoints, oldest first. */
            webhooks: components["schemas"]["Webhook"][];
        };
        /** @description The app has no such webhook endpoint. */
        WebhookNotFoundError: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            code: "WEBHOOK_NOT_FOUND";
            /** @description The error in English, for developers. The wording may change; branch on `code`. */
            message: string;
            /** @description Id of the request, also in the header `x-request-id`. Quote it when you report a problem. */
            requestId: string;
        };
        /** @description Which seats. Set exactly one of these fields. */
        WhereSeats: {
            /** @description 1–10,000 ids of seats. */
            seatIds?: components["schemas"]["SeatId"][];
            /** @description 1–10,000 seat numbers of the entity. */
            seatNumbers?: components["schemas"]["SeatNumber"][];
            /** @description All seats of a section. */
            section?: components["schemas"]["SeatSection"];
            /** @description All seats of a category. */
            category?: components["schemas"]["SeatCategory"];
        };
    };
    responses: {
        /**
         * @description `INVALID_JSON`: The request body is not a JSON object.
         *
         *     `VALIDATION_ERROR`: A field or parameter is missing, unknown or invalid. `details.fields` says which and why.
         */
        AdminBadBody: {
            headers: {
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["InvalidJsonError"] | components["schemas"]["ValidationError"];
                };
            };
        };
        /** @description `VALIDATION_ERROR`: A field or parameter is missing, unknown or invalid. `details.fields` says which and why. */
        AdminBadRequest: {
            headers: {
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["ValidationError"];
                };
            };
        };
        /** @description `PAYLOAD_TOO_LARGE`: The request body is too large. */
        AdminContentTooLarge: {
            headers: {
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["PayloadTooLargeError"];
                };
            };
        };
        /** @description `NOT_PERMITTED`: A secret key may not call this route. */
        AdminForbidden: {
            headers: {
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["NotPermittedError"];
                };
            };
        };
        /** @description `RATE_LIMITED`: Too many requests. Repeat the request after `Retry-After`. */
        AdminLoginTooManyRequests: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "retry-after": components["headers"]["RetryAfter"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["RateLimitedError"];
                };
            };
        };
        /** @description `INVALID_CREDENTIALS`: The account does not exist or the password is wrong. */
        AdminLoginUnauthorized: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["InvalidCredentialsError"];
                };
            };
        };
        /** @description `INTERNAL`: An unexpected error in the service. Repeating the request is safe. */
        AdminServerError: {
            headers: {
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["InternalError"];
                };
            };
        };
        /**
         * @description `UNAUTHENTICATED`: The bearer token is missing or invalid.
         *
         *     `TOKEN_EXPIRED`: The bearer token has expired. Sign in again.
         */
        AdminUnauthorized: {
            headers: {
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["UnauthenticatedError"] | components["schemas"]["TokenExpiredError"];
                };
            };
        };
        /** @description `SERVICE_UNAVAILABLE`: A dependency is unavailable. The request may or may not have taken effect; repeating it is safe. */
        AdminUnavailable: {
            headers: {
                "retry-after": components["headers"]["RetryAfter"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["ServiceUnavailableError"];
                };
            };
        };
        /** @description `UNSUPPORTED_MEDIA_TYPE`: The request's `content-type` is not the one that the route takes, mostly `application/json`. */
        AdminUnsupportedMediaType: {
            headers: {
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["UnsupportedMediaTypeError"];
                };
            };
        };
        /**
         * @description `INVALID_JSON`: The request body is not a JSON object.
         *
         *     `VALIDATION_ERROR`: A field or parameter is missing, unknown or invalid. `details.fields` says which and why.
         */
        AppBadBody: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["InvalidJsonError"] | components["schemas"]["ValidationError"];
                };
            };
        };
        /** @description `VALIDATION_ERROR`: A field or parameter is missing, unknown or invalid. `details.fields` says which and why. */
        AppBadRequest: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["ValidationError"];
                };
            };
        };
        /** @description `PAYLOAD_TOO_LARGE`: The request body is too large. */
        AppContentTooLarge: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["PayloadTooLargeError"];
                };
            };
        };
        /**
         * @description `ORIGIN_NOT_ALLOWED`: The request's `Origin` is not in the app's `allowedDomains`, or is missing where the app requires one.
         *
         *     `APP_INACTIVE`: The app is switched off.
         */
        AppForbidden: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["OriginNotAllowedError"] | components["schemas"]["AppInactiveError"];
                };
            };
        };
        /** @description `INTERNAL`: An unexpected error in the service. Repeating the request is safe. */
        AppServerError: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["InternalError"];
                };
            };
        };
        /** @description `RATE_LIMITED`: Too many requests. Repeat the request after `Retry-After`. */
        AppTooManyRequests: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "retry-after": components["headers"]["RetryAfter"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["RateLimitedError"];
                };
            };
        };
        /**
         * @description `APP_AUTH_REQUIRED`: The header `x-app-id` or `x-api-key` is missing.
         *
         *     `INVALID_APP_CREDENTIALS`: The app does not exist or the API key is wrong.
         */
        AppUnauthorized: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppAuthRequiredError"] | components["schemas"]["InvalidAppCredentialsError"];
                };
            };
        };
        /** @description `SERVICE_UNAVAILABLE`: A dependency is unavailable. The request may or may not have taken effect; repeating it is safe. */
        AppUnavailable: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "retry-after": components["headers"]["RetryAfter"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["ServiceUnavailableError"];
                };
            };
        };
        /** @description `UNSUPPORTED_MEDIA_TYPE`: The request's `content-type` is not the one that the route takes, mostly `application/json`. */
        AppUnsupportedMediaType: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["UnsupportedMediaTypeError"];
                };
            };
        };
        /**
         * @description `BOOKING_NOT_CONFIRMED`: The booking is not confirmed: its payment failed, or will be refunded.
         *
         *     `PAYMENT_DISPUTED`: The payment is disputed at the bank, or the buyer has won the dispute. So it is not refunded.
         *
         *     `IDEMPOTENCY_KEY_IN_USE`: The first request with this `Idempotency-Key` is still running. Repeat the request after `Retry-After`.
         */
        CancelAnyBookingConflict: {
            headers: {
                "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "retry-after": components["headers"]["MaybeRetryAfter"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["BookingNotConfirmedError"] | components["schemas"]["PaymentDisputedError"] | components["schemas"]["IdempotencyKeyInUseError"];
                };
            };
        };
        /**
         * @description `SEAT_NOT_FOUND`: The seat does not exist in this app.
         *
         *     `BOOKING_NOT_FOUND`: The user has no such booking in this app.
         *
         *     `APP_NOT_FOUND`: The app does not exist.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        CancelAnyBookingNotFound: {
            headers: {
                "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["SeatNotFoundError"] | components["schemas"]["BookingNotFoundError"] | components["schemas"]["AppNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /**
         * @description `BOOKING_NOT_CONFIRMED`: The booking is not confirmed: its payment failed, or will be refunded.
         *
         *     `CANCELLATION_NOT_ALLOWED`: The user cannot cancel now. `details.reason` is `NO_POLICY`, `TOO_LATE` or `STARTED`.
         *
         *     `REFUND_CHANGED`: The refund is not `expectedRefund` any more. `details.refund` is the refund now.
         *
         *     `PAYMENT_DISPUTED`: The payment is disputed at the bank, or the buyer has won the dispute. So it is not refunded.
         *
         *     `IDEMPOTENCY_KEY_IN_USE`: The first request with this `Idempotency-Key` is still running. Repeat the request after `Retry-After`.
         */
        CancelBookingConflict: {
            headers: {
                "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "retry-after": components["headers"]["MaybeRetryAfter"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["BookingNotConfirmedError"] | components["schemas"]["CancellationNotAllowedError"] | components["schemas"]["RefundChangedError"] | components["schemas"]["PaymentDisputedError"] | components["schemas"]["IdempotencyKeyInUseError"];
                };
            };
        };
        /**
         * @description `SEAT_NOT_FOUND`: The seat does not exist in this app.
         *
         *     `BOOKING_NOT_FOUND`: The user has no such booking in this app.
         */
        CancelBookingNotFound: {
            headers: {
                "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["SeatNotFoundError"] | components["schemas"]["BookingNotFoundError"];
                };
            };
        };
        /**
         * @description `APP_NOT_FOUND`: The app does not exist.
         *
         *     `ENTITY_NOT_FOUND`: The app has no entity with this id and settings.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        CancelEntityNotFound: {
            headers: {
                "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppNotFoundError"] | components["schemas"]["EntityNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /**
         * @description `SEAT_ALREADY_BOOKED`: A seat of the request is sold. `details.conflicts` says which.
         *
         *     `RESERVATION_ALREADY_CONFIRMED`: The hold is already a booking.
         *
         *     `RESERVATION_RELEASED`: The hold was released.
         *
         *     `PAYMENT_ALREADY_USED`: The payment was already used for another hold.
         *
         *     `PAYMENT_PENDING`: The payment may still succeed. `details.paymentStatus` is the provider's status of it. The hold is kept. Repeat the request later.
         *
         *     `PAYMENT_MISMATCH`: The payment does not pay for this hold. `details.field` says what differs: `reservation`, `app`, `mode`, `amount` or `currency`. The hold is kept.
         *
         *     `IDEMPOTENCY_KEY_IN_USE`: The first request with this `Idempotency-Key` is still running. Repeat the request after `Retry-After`.
         */
        ConfirmConflict: {
            headers: {
                "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "retry-after": components["headers"]["MaybeRetryAfter"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["SeatAlreadyBookedError"] | components["schemas"]["ReservationAlreadyConfirmedError"] | components["schemas"]["ReservationReleasedError"] | components["schemas"]["PaymentAlreadyUsedError"] | components["schemas"]["PaymentPendingError"] | components["schemas"]["PaymentMismatchError"] | components["schemas"]["IdempotencyKeyInUseError"];
                };
            };
        };
        /** @description `RESERVATION_EXPIRED`: The hold has expired. */
        ConfirmGone: {
            headers: {
                "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["ReservationExpiredError"];
                };
            };
        };
        /** @description `RESERVATION_NOT_FOUND`: The user has no such hold in this app. */
        ConfirmNotFound: {
            headers: {
                "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["ReservationNotFoundError"];
                };
            };
        };
        /** @description `PAYMENT_FAILED`: The payment provider declined the payment. */
        ConfirmPaymentRequired: {
            headers: {
                "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["PaymentFailedError"];
                };
            };
        };
        /**
         * @description `SERVICE_UNAVAILABLE`: A dependency is unavailable. The request may or may not have taken effect; repeating it is safe.
         *
         *     `PAYMENTS_NOT_CONFIGURED`: The app has no payment provider, or the service has no keys to seal a provider's secrets.
         */
        ConfirmUnavailable: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "retry-after": components["headers"]["RetryAfter"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["ServiceUnavailableError"] | components["schemas"]["PaymentsNotConfiguredError"];
                };
            };
        };
        /**
         * @description `INVALID_JSON`: The request body is not a JSON object.
         *
         *     `VALIDATION_ERROR`: A field or parameter is missing, unknown or invalid. `details.fields` says which and why.
         */
        CountedBadBody: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["InvalidJsonError"] | components["schemas"]["ValidationError"];
                };
            };
        };
        /** @description `PAYLOAD_TOO_LARGE`: The request body is too large. */
        CountedContentTooLarge: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["PayloadTooLargeError"];
                };
            };
        };
        /** @description `INTERNAL`: An unexpected error in the service. Repeating the request is safe. */
        CountedServerError: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["InternalError"];
                };
            };
        };
        /** @description `SERVICE_UNAVAILABLE`: A dependency is unavailable. The request may or may not have taken effect; repeating it is safe. */
        CountedUnavailable: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "retry-after": components["headers"]["RetryAfter"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["ServiceUnavailableError"];
                };
            };
        };
        /** @description `UNSUPPORTED_MEDIA_TYPE`: The request's `content-type` is not the one that the route takes, mostly `application/json`. */
        CountedUnsupportedMediaType: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["UnsupportedMediaTypeError"];
                };
            };
        };
        /** @description `SEAT_ALREADY_EXISTS`: The entity already has a seat with this number. Or it already has seats, so none can be made from a layout. `details.seatNumbers` lists such seats, at most 100. */
        CreateLayoutSeatsConflict: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["SeatAlreadyExistsError"];
                };
            };
        };
        /**
         * @description `APP_NOT_FOUND`: The app does not exist.
         *
         *     `ENTITY_NOT_FOUND`: The app has no entity with this id and settings.
         *
         *     `LAYOUT_NOT_FOUND`: The app has no seating plan with this id and version.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        CreateLayoutSeatsNotFound: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppNotFoundError"] | components["schemas"]["EntityNotFoundError"] | components["schemas"]["LayoutNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /**
         * @description `SEAT_ALREADY_EXISTS`: The entity already has a seat with this number. Or it already has seats, so none can be made from a layout. `details.seatNumbers` lists such seats, at most 100.
         *
         *     `IDEMPOTENCY_KEY_IN_USE`: The first request with this `Idempotency-Key` is still running. Repeat the request after `Retry-After`.
         */
        CreateSeatsConflict: {
            headers: {
                "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "retry-after": components["headers"]["MaybeRetryAfter"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["SeatAlreadyExistsError"] | components["schemas"]["IdempotencyKeyInUseError"];
                };
            };
        };
        /** @description `APP_NOT_FOUND`: The app does not exist. */
        CreateSeatsNotFound: {
            headers: {
                "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppNotFoundError"];
                };
            };
        };
        /** @description `LIMIT_REACHED`: The app has as many of these as it may have. `details.limit` says how many. */
        CreateSecretKeyConflict: {
            headers: {
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["LimitReachedError"];
                };
            };
        };
        /**
         * @description `APP_NOT_FOUND`: The app does not exist.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        CreateSecretKeyNotFound: {
            headers: {
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /** @description `LIMIT_REACHED`: The app has as many of these as it may have. `details.limit` says how many. */
        CreateWebhookConflict: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["LimitReachedError"];
                };
            };
        };
        /**
         * @description `APP_NOT_FOUND`: The app does not exist.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        CreateWebhookNotFound: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /** @description `ENTITY_IN_USE`: Seats of the entity were held or sold. */
        DeleteEntityConflict: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["EntityInUseError"];
                };
            };
        };
        /**
         * @description `APP_NOT_FOUND`: The app does not exist.
         *
         *     `ENTITY_NOT_FOUND`: The app has no entity with this id and settings.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        DeleteEntityNotFound: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppNotFoundError"] | components["schemas"]["EntityNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /** @description `PRECONDITION_FAILED`: The version is not the one that `If-Match` requires. */
        DeleteEntityPreconditionFailed: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["PreconditionFailedError"];
                };
            };
        };
        /**
         * @description `APP_NOT_FOUND`: The app does not exist.
         *
         *     `SECRET_KEY_NOT_FOUND`: The app has no such secret key.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        DeleteSecretKeyNotFound: {
            headers: {
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppNotFoundError"] | components["schemas"]["SecretKeyNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /**
         * @description `APP_NOT_FOUND`: The app does not exist.
         *
         *     `WEBHOOK_NOT_FOUND`: The app has no such webhook endpoint.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        DeleteWebhookNotFound: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppNotFoundError"] | components["schemas"]["WebhookNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /**
         * @description `BOOKING_NOT_FOUND`: The user has no such booking in this app.
         *
         *     `APP_NOT_FOUND`: The app does not exist.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        GetAnyBookingNotFound: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["BookingNotFoundError"] | components["schemas"]["AppNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /**
         * @description `BOOKING_NOT_FOUND`: The user has no such booking in this app.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        GetBookingNotFound: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["BookingNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /**
         * @description `ENTITY_NOT_FOUND`: The app has no entity with this id and settings.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        GetEntityNotFound: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["EntityNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /**
         * @description `APP_NOT_FOUND`: The app does not exist.
         *
         *     `ENTITY_NOT_FOUND`: The app has no entity with this id and settings.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        GetEntitySettingsNotFound: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppNotFoundError"] | components["schemas"]["EntityNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /**
         * @description `FEED_NOT_FOUND`: No entity has this feed key.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        GetFeedNotFound: {
            headers: {
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["FeedNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /** @description `NOT_ACCEPTABLE`: The response is too large without gzip, and the client refuses gzip. */
        GetFeedSeatsNotAcceptable: {
            headers: {
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["NotAcceptableError"];
                };
            };
        };
        /**
         * @description `FEED_NOT_FOUND`: No entity has this feed key.
         *
         *     `FEED_VERSION_GONE`: The seats do not have this version now. The feed says which one they have.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        GetFeedSeatsNotFound: {
            headers: {
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["FeedNotFoundError"] | components["schemas"]["FeedVersionGoneError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /**
         * @description `APP_NOT_FOUND`: The app does not exist.
         *
         *     `LAYOUT_NOT_FOUND`: The app has no seating plan with this id and version.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        GetLayoutNotFound: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppNotFoundError"] | components["schemas"]["LayoutNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /**
         * @description `APP_NOT_FOUND`: The app does not exist.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        GetPaymentsNotFound: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /**
         * @description `APP_NOT_FOUND`: The app does not exist.
         *
         *     `WEBHOOK_NOT_FOUND`: The app has no such webhook endpoint.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        GetWebhookNotFound: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppNotFoundError"] | components["schemas"]["WebhookNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /** @description `SERVICE_UNAVAILABLE`: A dependency is unavailable. The request may or may not have taken effect; repeating it is safe. */
        HealthUnavailable: {
            headers: {
                "retry-after": components["headers"]["RetryAfter"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["ServiceDownError"];
                };
            };
        };
        /**
         * @description `APP_NOT_FOUND`: The app does not exist.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        ImportLayoutNotFound: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /**
         * @description `APP_NOT_FOUND`: The app does not exist.
         *
         *     `WEBHOOK_NOT_FOUND`: The app has no such webhook endpoint.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        ListDeliveriesNotFound: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppNotFoundError"] | components["schemas"]["WebhookNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /**
         * @description `APP_NOT_FOUND`: The app does not exist.
         *
         *     `ENTITY_NOT_FOUND`: The app has no entity with this id and settings.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        ListEntitySeatsNotFound: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppNotFoundError"] | components["schemas"]["EntityNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /**
         * @description `APP_NOT_FOUND`: The app does not exist.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        ListEntitySettingsNotFound: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /**
         * @description `APP_NOT_FOUND`: The app does not exist.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        ListLayoutsNotFound: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /**
         * @description `APP_NOT_FOUND`: The app does not exist.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        ListSecretKeysNotFound: {
            headers: {
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /**
         * @description `APP_NOT_FOUND`: The app does not exist.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        ListWebhooksNotFound: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /**
         * @description `APP_AUTH_REQUIRED`: The header `x-app-id` or `x-api-key` is missing.
         *
         *     `INVALID_APP_CREDENTIALS`: The app does not exist or the API key is wrong.
         *
         *     `INVALID_CREDENTIALS`: The account does not exist or the password is wrong.
         */
        LoginUnauthorized: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppAuthRequiredError"] | components["schemas"]["InvalidAppCredentialsError"] | components["schemas"]["InvalidCredentialsError"];
                };
            };
        };
        /**
         * @description `INVALID_JSON`: The request body is not a JSON object.
         *
         *     `VALIDATION_ERROR`: A field or parameter is missing, unknown or invalid. `details.fields` says which and why.
         */
        OrganiserBadBody: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["InvalidJsonError"] | components["schemas"]["ValidationError"];
                };
            };
        };
        /** @description `VALIDATION_ERROR`: A field or parameter is missing, unknown or invalid. `details.fields` says which and why. */
        OrganiserBadRequest: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["ValidationError"];
                };
            };
        };
        /** @description `PAYLOAD_TOO_LARGE`: The request body is too large. */
        OrganiserContentTooLarge: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["PayloadTooLargeError"];
                };
            };
        };
        /** @description `APP_NOT_FOUND`: The app does not exist. */
        OrganiserNotFound: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppNotFoundError"];
                };
            };
        };
        /**
         * @description `INVALID_JSON`: The request body is not a JSON object.
         *
         *     `VALIDATION_ERROR`: A field or parameter is missing, unknown or invalid. `details.fields` says which and why.
         */
        OrganiserReplayableBadBody: {
            headers: {
                "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["InvalidJsonError"] | components["schemas"]["ValidationError"];
                };
            };
        };
        /** @description `IDEMPOTENCY_KEY_IN_USE`: The first request with this `Idempotency-Key` is still running. Repeat the request after `Retry-After`. */
        OrganiserReplayableConflict: {
            headers: {
                "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "retry-after": components["headers"]["MaybeRetryAfter"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["IdempotencyKeyInUseError"];
                };
            };
        };
        /** @description `PAYLOAD_TOO_LARGE`: The request body is too large. */
        OrganiserReplayableContentTooLarge: {
            headers: {
                "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["PayloadTooLargeError"];
                };
            };
        };
        /** @description `UNSUPPORTED_MEDIA_TYPE`: The request's `content-type` is not the one that the route takes, mostly `application/json`. */
        OrganiserReplayableUnsupportedMediaType: {
            headers: {
                "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["UnsupportedMediaTypeError"];
                };
            };
        };
        /** @description `INTERNAL`: An unexpected error in the service. Repeating the request is safe. */
        OrganiserServerError: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["InternalError"];
                };
            };
        };
        /** @description `RATE_LIMITED`: Too many requests. Repeat the request after `Retry-After`. */
        OrganiserTooManyRequests: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "retry-after": components["headers"]["RetryAfter"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["RateLimitedError"];
                };
            };
        };
        /**
         * @description `UNAUTHENTICATED`: The bearer token is missing or invalid.
         *
         *     `TOKEN_EXPIRED`: The bearer token has expired. Sign in again.
         */
        OrganiserUnauthorized: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["UnauthenticatedError"] | components["schemas"]["TokenExpiredError"];
                };
            };
        };
        /** @description `SERVICE_UNAVAILABLE`: A dependency is unavailable. The request may or may not have taken effect; repeating it is safe. */
        OrganiserUnavailable: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "retry-after": components["headers"]["RetryAfter"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["ServiceUnavailableError"];
                };
            };
        };
        /** @description `IDEMPOTENCY_KEY_REUSED`: The `Idempotency-Key` was already used with a different body. */
        OrganiserUnprocessableContent: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["IdempotencyKeyReusedError"];
                };
            };
        };
        /** @description `UNSUPPORTED_MEDIA_TYPE`: The request's `content-type` is not the one that the route takes, mostly `application/json`. */
        OrganiserUnsupportedMediaType: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["UnsupportedMediaTypeError"];
                };
            };
        };
        /**
         * @description `APP_NOT_FOUND`: The app does not exist.
         *
         *     `ENTITY_NOT_FOUND`: The app has no entity with this id and settings.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        PatchEntityNotFound: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppNotFoundError"] | components["schemas"]["EntityNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /** @description `PRECONDITION_FAILED`: The version is not the one that `If-Match` requires. */
        PatchEntityPreconditionFailed: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["PreconditionFailedError"];
                };
            };
        };
        /**
         * @description `APP_NOT_FOUND`: The app does not exist.
         *
         *     `ENTITY_NOT_FOUND`: The app has no entity with this id and settings.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        PatchSeatsNotFound: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppNotFoundError"] | components["schemas"]["EntityNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /**
         * @description `APP_NOT_FOUND`: The app does not exist.
         *
         *     `WEBHOOK_NOT_FOUND`: The app has no such webhook endpoint.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        PatchWebhookNotFound: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppNotFoundError"] | components["schemas"]["WebhookNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /**
         * @description `VALIDATION_ERROR`: A field or parameter is missing, unknown or invalid. `details.fields` says which and why.
         *
         *     `INVALID_SIGNATURE`: The signature of the provider's event is missing, wrong or too old, or the app has no such account.
         */
        PaymentEventsBadRequest: {
            headers: {
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["ValidationError"] | components["schemas"]["InvalidSignatureError"];
                };
            };
        };
        /** @description `PAYLOAD_TOO_LARGE`: The request body is too large. */
        PaymentEventsContentTooLarge: {
            headers: {
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["PayloadTooLargeError"];
                };
            };
        };
        /** @description `VALIDATION_ERROR`: A field or parameter is missing, unknown or invalid. `details.fields` says which and why. */
        PublicBadRequest: {
            headers: {
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["ValidationError"];
                };
            };
        };
        /** @description `ROUTE_NOT_FOUND`: The path does not exist. */
        PublicNotFound: {
            headers: {
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /** @description `INTERNAL`: An unexpected error in the service. Repeating the request is safe. */
        PublicServerError: {
            headers: {
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["InternalError"];
                };
            };
        };
        /** @description `SERVICE_UNAVAILABLE`: A dependency is unavailable. The request may or may not have taken effect; repeating it is safe. */
        PublicUnavailable: {
            headers: {
                "retry-after": components["headers"]["RetryAfter"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["ServiceUnavailableError"];
                };
            };
        };
        /**
         * @description `APP_NOT_FOUND`: The app does not exist.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        PutEntityNotFound: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /** @description `PRECONDITION_FAILED`: The version is not the one that `If-Match` requires. */
        PutEntityPreconditionFailed: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["PreconditionFailedError"];
                };
            };
        };
        /**
         * @description `APP_NOT_FOUND`: The app does not exist.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        PutLayoutNotFound: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /** @description `LIMIT_REACHED`: The app has as many of these as it may have. `details.limit` says how many. */
        PutPaymentsConflict: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["LimitReachedError"];
                };
            };
        };
        /**
         * @description `APP_NOT_FOUND`: The app does not exist.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        PutPaymentsNotFound: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /**
         * @description `SERVICE_UNAVAILABLE`: A dependency is unavailable. The request may or may not have taken effect; repeating it is safe.
         *
         *     `PAYMENTS_NOT_CONFIGURED`: The app has no payment provider, or the service has no keys to seal a provider's secrets.
         */
        PutPaymentsUnavailable: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "retry-after": components["headers"]["RetryAfter"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["ServiceUnavailableError"] | components["schemas"]["PaymentsNotConfiguredError"];
                };
            };
        };
        /** @description `BOOKING_NOT_CONFIRMED`: The booking is not confirmed: its payment failed, or will be refunded. */
        QuoteCancellationConflict: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["BookingNotConfirmedError"];
                };
            };
        };
        /**
         * @description `SEAT_NOT_FOUND`: The seat does not exist in this app.
         *
         *     `BOOKING_NOT_FOUND`: The user has no such booking in this app.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        QuoteCancellationNotFound: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["SeatNotFoundError"] | components["schemas"]["BookingNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /**
         * @description `APP_NOT_FOUND`: The app does not exist.
         *
         *     `WEBHOOK_NOT_FOUND`: The app has no such webhook endpoint.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        RecoverWebhookNotFound: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppNotFoundError"] | components["schemas"]["WebhookNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /**
         * @description `BOOKING_NOT_CONFIRMED`: The booking is not confirmed: its payment failed, or will be refunded.
         *
         *     `PAYMENT_DISPUTED`: The payment is disputed at the bank, or the buyer has won the dispute. So it is not refunded.
         *
         *     `IDEMPOTENCY_KEY_IN_USE`: The first request with this `Idempotency-Key` is still running. Repeat the request after `Retry-After`.
         */
        RefundBookingConflict: {
            headers: {
                "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "retry-after": components["headers"]["MaybeRetryAfter"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["BookingNotConfirmedError"] | components["schemas"]["PaymentDisputedError"] | components["schemas"]["IdempotencyKeyInUseError"];
                };
            };
        };
        /**
         * @description `BOOKING_NOT_FOUND`: The user has no such booking in this app.
         *
         *     `APP_NOT_FOUND`: The app does not exist.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        RefundBookingNotFound: {
            headers: {
                "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["BookingNotFoundError"] | components["schemas"]["AppNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /** @description `APP_ALREADY_EXISTS`: The app id is already taken. */
        RegisterAppConflict: {
            headers: {
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppAlreadyExistsError"];
                };
            };
        };
        /**
         * @description `RESERVATION_ALREADY_CONFIRMED`: The hold is already a booking.
         *
         *     `IDEMPOTENCY_KEY_IN_USE`: The first request with this `Idempotency-Key` is still running. Repeat the request after `Retry-After`.
         */
        ReleaseConflict: {
            headers: {
                "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "retry-after": components["headers"]["MaybeRetryAfter"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["ReservationAlreadyConfirmedError"] | components["schemas"]["IdempotencyKeyInUseError"];
                };
            };
        };
        /** @description `RESERVATION_EXPIRED`: The hold has expired. */
        ReleaseGone: {
            headers: {
                "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["ReservationExpiredError"];
                };
            };
        };
        /** @description `RESERVATION_NOT_FOUND`: The user has no such hold in this app. */
        ReleaseNotFound: {
            headers: {
                "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["ReservationNotFoundError"];
                };
            };
        };
        /**
         * @description `APP_NOT_FOUND`: The app does not exist.
         *
         *     `ENTITY_NOT_FOUND`: The app has no entity with this id and settings.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        RemoveSeatsNotFound: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppNotFoundError"] | components["schemas"]["EntityNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /**
         * @description `SEAT_ALREADY_LOCKED`: Somebody holds a seat of the request. `details.conflicts` says which.
         *
         *     `SEAT_ALREADY_BOOKED`: A seat of the request is sold. `details.conflicts` says which.
         *
         *     `SEAT_NOT_FOR_SALE`: The organiser does not sell a seat of the request now. `details.conflicts` says which.
         *
         *     `SALES_NOT_OPEN`: The sale has not begun. `details.opensAt` says when it does.
         *
         *     `SALES_CLOSED`: The sale is over.
         *
         *     `SALES_PAUSED`: The organiser has paused the sale.
         *
         *     `ENTITY_CANCELLED`: The organiser has cancelled the entity.
         *
         *     `NOT_ENOUGH_SEATS`: No seats match the request. `details.available` says how many seats are free within its filters, and `details.largestAdjacent` how many of them are side by side.
         *
         *     `SEAT_LIMIT_REACHED`: The user has as many seats of this entity as one user may have. `details.limit` says how many.
         *
         *     `RESERVATION_ALREADY_CONFIRMED`: The hold is already a booking.
         *
         *     `RESERVATION_RELEASED`: The hold was released.
         *
         *     `PAYMENT_STARTED`: The payment of the hold was started. Release the hold to choose other seats.
         *
         *     `IDEMPOTENCY_KEY_IN_USE`: The first request with this `Idempotency-Key` is still running. Repeat the request after `Retry-After`.
         */
        ReserveConflict: {
            headers: {
                "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "retry-after": components["headers"]["MaybeRetryAfter"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["SeatAlreadyLockedError"] | components["schemas"]["SeatAlreadyBookedError"] | components["schemas"]["SeatNotForSaleError"] | components["schemas"]["SalesNotOpenError"] | components["schemas"]["SalesClosedError"] | components["schemas"]["SalesPausedError"] | components["schemas"]["EntityCancelledError"] | components["schemas"]["NotEnoughSeatsError"] | components["schemas"]["SeatLimitReachedError"] | components["schemas"]["ReservationAlreadyConfirmedError"] | components["schemas"]["ReservationReleasedError"] | components["schemas"]["PaymentStartedError"] | components["schemas"]["IdempotencyKeyInUseError"];
                };
            };
        };
        /** @description `RESERVATION_EXPIRED`: The hold has expired. */
        ReserveGone: {
            headers: {
                "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["ReservationExpiredError"];
                };
            };
        };
        /**
         * @description `SEAT_NOT_FOUND`: The seat does not exist in this app.
         *
         *     `RESERVATION_NOT_FOUND`: The user has no such hold in this app.
         *
         *     `ENTITY_NOT_FOUND`: The app has no entity with this id and settings.
         */
        ReserveNotFound: {
            headers: {
                "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["SeatNotFoundError"] | components["schemas"]["ReservationNotFoundError"] | components["schemas"]["EntityNotFoundError"];
                };
            };
        };
        /**
         * @description `RATE_LIMITED`: Too many requests. Repeat the request after `Retry-After`.
         *
         *     `HOLD_LIMIT_REACHED`: The user holds too many seats at once.
         */
        ReserveTooManyRequests: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "retry-after": components["headers"]["RetryAfter"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["RateLimitedError"] | components["schemas"]["HoldLimitReachedError"];
                };
            };
        };
        /**
         * @description `APP_NOT_FOUND`: The app does not exist.
         *
         *     `WEBHOOK_NOT_FOUND`: The app has no such webhook endpoint.
         *
         *     `DELIVERY_NOT_FOUND`: The webhook endpoint has no such delivery.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        RetryDeliveryNotFound: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppNotFoundError"] | components["schemas"]["WebhookNotFoundError"] | components["schemas"]["DeliveryNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /**
         * @description `PAYMENT_DISPUTED`: The payment is disputed at the bank, or the buyer has won the dispute. So it is not refunded.
         *
         *     `REFUND_NOT_FAILED`: The refund has not failed, was retried or settled before, or its money went back another way.
         *
         *     `IDEMPOTENCY_KEY_IN_USE`: The first request with this `Idempotency-Key` is still running. Repeat the request after `Retry-After`.
         */
        RetryRefundConflict: {
            headers: {
                "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "retry-after": components["headers"]["MaybeRetryAfter"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["PaymentDisputedError"] | components["schemas"]["RefundNotFailedError"] | components["schemas"]["IdempotencyKeyInUseError"];
                };
            };
        };
        /**
         * @description `APP_NOT_FOUND`: The app does not exist.
         *
         *     `REFUND_NOT_FOUND`: There is no such refund.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        RetryRefundNotFound: {
            headers: {
                "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppNotFoundError"] | components["schemas"]["RefundNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /**
         * @description `APP_NOT_FOUND`: The app does not exist.
         *
         *     `ENTITY_NOT_FOUND`: The app has no entity with this id and settings.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        RotateFeedKeyNotFound: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppNotFoundError"] | components["schemas"]["EntityNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /** @description `TOO_MANY_KEYS`: Five API keys of the app are valid. Wait until an overlap ends, or rotate with `overlapSeconds: 0`. */
        RotateKeyConflict: {
            headers: {
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["TooManyKeysError"];
                };
            };
        };
        /**
         * @description `APP_NOT_FOUND`: The app does not exist.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        RotateKeyNotFound: {
            headers: {
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /** @description `LIMIT_REACHED`: The app has as many of these as it may have. `details.limit` says how many. */
        RotateWebhookSecretConflict: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["LimitReachedError"];
                };
            };
        };
        /**
         * @description `APP_NOT_FOUND`: The app does not exist.
         *
         *     `WEBHOOK_NOT_FOUND`: The app has no such webhook endpoint.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        RotateWebhookSecretNotFound: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppNotFoundError"] | components["schemas"]["WebhookNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /**
         * @description `PAYMENT_DISPUTED`: The payment is disputed at the bank, or the buyer has won the dispute. So it is not refunded.
         *
         *     `REFUND_NOT_FAILED`: The refund has not failed, was retried or settled before, or its money went back another way.
         *
         *     `IDEMPOTENCY_KEY_IN_USE`: The first request with this `Idempotency-Key` is still running. Repeat the request after `Retry-After`.
         */
        SettleRefundConflict: {
            headers: {
                "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "retry-after": components["headers"]["MaybeRetryAfter"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["PaymentDisputedError"] | components["schemas"]["RefundNotFailedError"] | components["schemas"]["IdempotencyKeyInUseError"];
                };
            };
        };
        /**
         * @description `APP_NOT_FOUND`: The app does not exist.
         *
         *     `REFUND_NOT_FOUND`: There is no such refund.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        SettleRefundNotFound: {
            headers: {
                "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppNotFoundError"] | components["schemas"]["RefundNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /** @description `EMAIL_TAKEN`: The e-mail address already has an account. */
        SignupConflict: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["EmailTakenError"];
                };
            };
        };
        /**
         * @description `RESERVATION_ALREADY_CONFIRMED`: The hold is already a booking.
         *
         *     `RESERVATION_RELEASED`: The hold was released.
         *
         *     `PAYMENT_NOT_NEEDED`: The hold costs nothing. Confirm it without a payment.
         *
         *     `AMOUNT_NOT_PAYABLE`: The payment provider cannot charge this amount or currency.
         *
         *     `IDEMPOTENCY_KEY_IN_USE`: The first request with this `Idempotency-Key` is still running. Repeat the request after `Retry-After`.
         */
        StartPaymentConflict: {
            headers: {
                "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "retry-after": components["headers"]["MaybeRetryAfter"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["ReservationAlreadyConfirmedError"] | components["schemas"]["ReservationReleasedError"] | components["schemas"]["PaymentNotNeededError"] | components["schemas"]["AmountNotPayableError"] | components["schemas"]["IdempotencyKeyInUseError"];
                };
            };
        };
        /** @description `RESERVATION_EXPIRED`: The hold has expired. */
        StartPaymentGone: {
            headers: {
                "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["ReservationExpiredError"];
                };
            };
        };
        /** @description `RESERVATION_NOT_FOUND`: The user has no such hold in this app. */
        StartPaymentNotFound: {
            headers: {
                "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["ReservationNotFoundError"];
                };
            };
        };
        /**
         * @description `SERVICE_UNAVAILABLE`: A dependency is unavailable. The request may or may not have taken effect; repeating it is safe.
         *
         *     `PAYMENTS_NOT_CONFIGURED`: The app has no payment provider, or the service has no keys to seal a provider's secrets.
         */
        StartPaymentUnavailable: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "retry-after": components["headers"]["RetryAfter"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["ServiceUnavailableError"] | components["schemas"]["PaymentsNotConfiguredError"];
                };
            };
        };
        /**
         * @description `APP_NOT_FOUND`: The app does not exist.
         *
         *     `WEBHOOK_NOT_FOUND`: The app has no such webhook endpoint.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        TestWebhookNotFound: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppNotFoundError"] | components["schemas"]["WebhookNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /**
         * @description `APP_NOT_FOUND`: The app does not exist.
         *
         *     `ROUTE_NOT_FOUND`: The path does not exist.
         */
        UpdateAppNotFound: {
            headers: {
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppNotFoundError"] | components["schemas"]["RouteNotFoundError"];
                };
            };
        };
        /** @description `VALIDATION_ERROR`: A field or parameter is missing, unknown or invalid. `details.fields` says which and why. */
        UserBadRequest: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["ValidationError"];
                };
            };
        };
        /**
         * @description `ORIGIN_NOT_ALLOWED`: The request's `Origin` is not in the app's `allowedDomains`, or is missing where the app requires one.
         *
         *     `APP_INACTIVE`: The app is switched off.
         *
         *     `TOKEN_APP_MISMATCH`: The user's token was issued by another app.
         */
        UserForbidden: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["OriginNotAllowedError"] | components["schemas"]["AppInactiveError"] | components["schemas"]["TokenAppMismatchError"];
                };
            };
        };
        /**
         * @description `INVALID_JSON`: The request body is not a JSON object.
         *
         *     `VALIDATION_ERROR`: A field or parameter is missing, unknown or invalid. `details.fields` says which and why.
         */
        UserReplayableBadBody: {
            headers: {
                "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["InvalidJsonError"] | components["schemas"]["ValidationError"];
                };
            };
        };
        /** @description `PAYLOAD_TOO_LARGE`: The request body is too large. */
        UserReplayableContentTooLarge: {
            headers: {
                "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["PayloadTooLargeError"];
                };
            };
        };
        /** @description `UNSUPPORTED_MEDIA_TYPE`: The request's `content-type` is not the one that the route takes, mostly `application/json`. */
        UserReplayableUnsupportedMediaType: {
            headers: {
                "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["UnsupportedMediaTypeError"];
                };
            };
        };
        /** @description `INTERNAL`: An unexpected error in the service. Repeating the request is safe. */
        UserServerError: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["InternalError"];
                };
            };
        };
        /** @description `RATE_LIMITED`: Too many requests. Repeat the request after `Retry-After`. */
        UserTooManyRequests: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "retry-after": components["headers"]["RetryAfter"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["RateLimitedError"];
                };
            };
        };
        /**
         * @description `APP_AUTH_REQUIRED`: The header `x-app-id` or `x-api-key` is missing.
         *
         *     `INVALID_APP_CREDENTIALS`: The app does not exist or the API key is wrong.
         *
         *     `UNAUTHENTICATED`: The bearer token is missing or invalid.
         *
         *     `TOKEN_EXPIRED`: The bearer token has expired. Sign in again.
         */
        UserUnauthorized: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["AppAuthRequiredError"] | components["schemas"]["InvalidAppCredentialsError"] | components["schemas"]["UnauthenticatedError"] | components["schemas"]["TokenExpiredError"];
                };
            };
        };
        /** @description `SERVICE_UNAVAILABLE`: A dependency is unavailable. The request may or may not have taken effect; repeating it is safe. */
        UserUnavailable: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "retry-after": components["headers"]["RetryAfter"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["ServiceUnavailableError"];
                };
            };
        };
        /** @description `IDEMPOTENCY_KEY_REUSED`: The `Idempotency-Key` was already used with a different body. */
        UserUnprocessableContent: {
            headers: {
                ratelimit: components["headers"]["RateLimit"];
                "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                "x-request-id": components["headers"]["RequestId"];
                [name: string]: unknown;
            };
            content: {
                "application/json": {
                    /** @constant */
                    success: false;
                    error: components["schemas"]["IdempotencyKeyReusedError"];
                };
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: {
        /**
         * @description Present if this response is a copy of the response to the first request with this `Idempotency-Key`.
         * @example true
         */
        IdempotencyReplayed: string;
        /**
         * @description Only with `IDEMPOTENCY_KEY_IN_USE`: wait this many seconds before repeating the request.
         * @example 1
         */
        MaybeRetryAfter: number;
        /**
         * @description For each rate limit that counted the request: the remaining requests (`r`), and the seconds until the limit is fully replenished (`t`).
         * @example "app";r=5999;t=1, "reserve";r=59;t=1
         */
        RateLimit: string;
        /**
         * @description For each rate limit that counted the request: the quota (`q`), and its window in seconds (`w`).
         * @example "app";q=6000;w=60, "reserve";q=60;w=60
         */
        RateLimitPolicy: string;
        /**
         * @description Id of the request. Quote it when you report a problem.
         * @example 1f0c2a9e-6f0e-4f1c-9a54-0d6f0d6f2b11
         */
        RequestId: string;
        /**
         * @description Wait this many seconds before repeating the request.
         * @example 1
         */
        RetryAfter: number;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    adminLogin: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignIn"];
            };
        };
        responses: {
            /** @description Signed in */
            200: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Token"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["CountedBadBody"];
            401: components["responses"]["AdminLoginUnauthorized"];
            413: components["responses"]["CountedContentTooLarge"];
            415: components["responses"]["CountedUnsupportedMediaType"];
            429: components["responses"]["AdminLoginTooManyRequests"];
            500: components["responses"]["CountedServerError"];
            503: components["responses"]["CountedUnavailable"];
        };
    };
    listApps: {
        parameters: {
            query?: {
                /**
                 * @description Number of tenants on a page, 1–100.
                 * @example 20
                 */
                limit?: number;
                /** @description `nextCursor` of the previous page; omit it for the first page. */
                cursor?: components["schemas"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the tenants */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["AppList"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["AdminBadRequest"];
            401: components["responses"]["AdminUnauthorized"];
            403: components["responses"]["AdminForbidden"];
            500: components["responses"]["AdminServerError"];
            503: components["responses"]["AdminUnavailable"];
        };
    };
    registerApp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RegisterIn"];
            };
        };
        responses: {
            /** @description Registered */
            201: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["NewApp"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["AdminBadBody"];
            401: components["responses"]["AdminUnauthorized"];
            403: components["responses"]["AdminForbidden"];
            409: components["responses"]["RegisterAppConflict"];
            413: components["responses"]["AdminContentTooLarge"];
            415: components["responses"]["AdminUnsupportedMediaType"];
            500: components["responses"]["AdminServerError"];
            503: components["responses"]["AdminUnavailable"];
        };
    };
    updateApp: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example event-app-prod */
                appId: components["schemas"]["AppId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateIn"];
            };
        };
        responses: {
            /** @description Changed */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["App"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["AdminBadBody"];
            401: components["responses"]["AdminUnauthorized"];
            403: components["responses"]["AdminForbidden"];
            404: components["responses"]["UpdateAppNotFound"];
            413: components["responses"]["AdminContentTooLarge"];
            415: components["responses"]["AdminUnsupportedMediaType"];
            500: components["responses"]["AdminServerError"];
            503: components["responses"]["AdminUnavailable"];
        };
    };
    rotateKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example event-app-prod */
                appId: components["schemas"]["AppId"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RotateIn"];
            };
        };
        responses: {
            /** @description The new key */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["NewKey"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["AdminBadBody"];
            401: components["responses"]["AdminUnauthorized"];
            403: components["responses"]["AdminForbidden"];
            404: components["responses"]["RotateKeyNotFound"];
            409: components["responses"]["RotateKeyConflict"];
            413: components["responses"]["AdminContentTooLarge"];
            415: components["responses"]["AdminUnsupportedMediaType"];
            500: components["responses"]["AdminServerError"];
            503: components["responses"]["AdminUnavailable"];
        };
    };
    listSecretKeys: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example event-app-prod */
                appId: components["schemas"]["AppId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The keys */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["SecretKeyList"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["AdminBadRequest"];
            401: components["responses"]["AdminUnauthorized"];
            403: components["responses"]["AdminForbidden"];
            404: components["responses"]["ListSecretKeysNotFound"];
            500: components["responses"]["AdminServerError"];
            503: components["responses"]["AdminUnavailable"];
        };
    };
    createSecretKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example event-app-prod */
                appId: components["schemas"]["AppId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateSecretKeyIn"];
            };
        };
        responses: {
            /** @description The new key */
            201: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["NewSecretKey"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["AdminBadBody"];
            401: components["responses"]["AdminUnauthorized"];
            403: components["responses"]["AdminForbidden"];
            404: components["responses"]["CreateSecretKeyNotFound"];
            409: components["responses"]["CreateSecretKeyConflict"];
            413: components["responses"]["AdminContentTooLarge"];
            415: components["responses"]["AdminUnsupportedMediaType"];
            500: components["responses"]["AdminServerError"];
            503: components["responses"]["AdminUnavailable"];
        };
    };
    deleteSecretKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example event-app-prod */
                appId: components["schemas"]["AppId"];
                /** @example 65b0c0ffee0123456789abd0 */
                keyId: components["schemas"]["SecretKeyId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["DeletedSecretKey"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["AdminBadRequest"];
            401: components["responses"]["AdminUnauthorized"];
            403: components["responses"]["AdminForbidden"];
            404: components["responses"]["DeleteSecretKeyNotFound"];
            500: components["responses"]["AdminServerError"];
            503: components["responses"]["AdminUnavailable"];
        };
    };
    getPayments: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example event-app-prod */
                appId: components["schemas"]["AppId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The provider */
            200: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["PaymentSetup"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["OrganiserBadRequest"];
            401: components["responses"]["OrganiserUnauthorized"];
            404: components["responses"]["GetPaymentsNotFound"];
            429: components["responses"]["OrganiserTooManyRequests"];
            500: components["responses"]["OrganiserServerError"];
            503: components["responses"]["OrganiserUnavailable"];
        };
    };
    putPayments: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example event-app-prod */
                appId: components["schemas"]["AppId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PutPaymentsIn"];
            };
        };
        responses: {
            /** @description Set */
            200: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["PaymentSetup"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["OrganiserBadBody"];
            401: components["responses"]["OrganiserUnauthorized"];
            404: components["responses"]["PutPaymentsNotFound"];
            409: components["responses"]["PutPaymentsConflict"];
            413: components["responses"]["OrganiserContentTooLarge"];
            415: components["responses"]["OrganiserUnsupportedMediaType"];
            429: components["responses"]["OrganiserTooManyRequests"];
            500: components["responses"]["OrganiserServerError"];
            503: components["responses"]["PutPaymentsUnavailable"];
        };
    };
    listEntitySettings: {
        parameters: {
            query?: {
                /** @description Only entities in this state. */
                state?: components["schemas"]["EntityState"];
                /** @description Only entities that start at this time or later, or have no start. */
                from?: components["schemas"]["Instant"];
                /** @description Only entities that start before this time. */
                to?: components["schemas"]["Instant"];
                /**
                 * @description Number of entities on a page, 1–100.
                 * @example 20
                 */
                limit?: number;
                /** @description `nextCursor` of the previous page; omit it for the first page. */
                cursor?: components["schemas"]["Cursor"];
            };
            header?: never;
            path: {
                /** @example event-app-prod */
                appId: components["schemas"]["AppId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of entities */
            200: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["EntitySettingsPage"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["OrganiserBadRequest"];
            401: components["responses"]["OrganiserUnauthorized"];
            404: components["responses"]["ListEntitySettingsNotFound"];
            429: components["responses"]["OrganiserTooManyRequests"];
            500: components["responses"]["OrganiserServerError"];
            503: components["responses"]["OrganiserUnavailable"];
        };
    };
    getEntitySettings: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example event-app-prod */
                appId: components["schemas"]["AppId"];
                /** @example hall-4 */
                entityId: components["schemas"]["EntityId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The entity */
            200: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["EntitySettings"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["OrganiserBadRequest"];
            401: components["responses"]["OrganiserUnauthorized"];
            404: components["responses"]["GetEntitySettingsNotFound"];
            429: components["responses"]["OrganiserTooManyRequests"];
            500: components["responses"]["OrganiserServerError"];
            503: components["responses"]["OrganiserUnavailable"];
        };
    };
    putEntity: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example event-app-prod */
                appId: components["schemas"]["AppId"];
                /** @example hall-2 */
                entityId: components["schemas"]["EntityId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PutEntityIn"];
            };
        };
        responses: {
            /** @description Replaced */
            200: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["EntitySettings"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            /** @description Created */
            201: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["EntitySettings"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["OrganiserBadBody"];
            401: components["responses"]["OrganiserUnauthorized"];
            404: components["responses"]["PutEntityNotFound"];
            412: components["responses"]["PutEntityPreconditionFailed"];
            413: components["responses"]["OrganiserContentTooLarge"];
            415: components["responses"]["OrganiserUnsupportedMediaType"];
            429: components["responses"]["OrganiserTooManyRequests"];
            500: components["responses"]["OrganiserServerError"];
            503: components["responses"]["OrganiserUnavailable"];
        };
    };
    deleteEntity: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example event-app-prod */
                appId: components["schemas"]["AppId"];
                /** @example hall-3 */
                entityId: components["schemas"]["EntityId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted */
            200: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["DeletedEntity"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["OrganiserBadRequest"];
            401: components["responses"]["OrganiserUnauthorized"];
            404: components["responses"]["DeleteEntityNotFound"];
            409: components["responses"]["DeleteEntityConflict"];
            412: components["responses"]["DeleteEntityPreconditionFailed"];
            429: components["responses"]["OrganiserTooManyRequests"];
            500: components["responses"]["OrganiserServerError"];
            503: components["responses"]["OrganiserUnavailable"];
        };
    };
    patchEntity: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example event-app-prod */
                appId: components["schemas"]["AppId"];
                /** @example hall-4 */
                entityId: components["schemas"]["EntityId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PatchEntityIn"];
            };
        };
        responses: {
            /** @description Changed */
            200: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["EntitySettings"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["OrganiserBadBody"];
            401: components["responses"]["OrganiserUnauthorized"];
            404: components["responses"]["PatchEntityNotFound"];
            412: components["responses"]["PatchEntityPreconditionFailed"];
            413: components["responses"]["OrganiserContentTooLarge"];
            415: components["responses"]["OrganiserUnsupportedMediaType"];
            429: components["responses"]["OrganiserTooManyRequests"];
            500: components["responses"]["OrganiserServerError"];
            503: components["responses"]["OrganiserUnavailable"];
        };
    };
    rotateFeedKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example event-app-prod */
                appId: components["schemas"]["AppId"];
                /** @example hall-4 */
                entityId: components["schemas"]["EntityId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Replaced */
            200: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["NewFeedKey"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["OrganiserBadRequest"];
            401: components["responses"]["OrganiserUnauthorized"];
            404: components["responses"]["RotateFeedKeyNotFound"];
            429: components["responses"]["OrganiserTooManyRequests"];
            500: components["responses"]["OrganiserServerError"];
            503: components["responses"]["OrganiserUnavailable"];
        };
    };
    cancelEntity: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Use a new key for each action of the user, and the same key for its repeats. For 24 hours, the same key with the same body returns the first response. Keys are separate per app, user and route. 5xx and 429 responses are not stored.
                 * @example 6f2b1c1e-0d53-4f6e-9f0f-0c2a9e6f0e4f
                 */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example event-app-prod */
                appId: components["schemas"]["AppId"];
                /** @example hall-5 */
                entityId: components["schemas"]["EntityId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CancelEntityIn"];
            };
        };
        responses: {
            /** @description The entity is cancelled, and its bookings will be */
            202: {
                headers: {
                    "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["EntitySettings"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["OrganiserReplayableBadBody"];
            401: components["responses"]["OrganiserUnauthorized"];
            404: components["responses"]["CancelEntityNotFound"];
            409: components["responses"]["OrganiserReplayableConflict"];
            413: components["responses"]["OrganiserReplayableContentTooLarge"];
            415: components["responses"]["OrganiserReplayableUnsupportedMediaType"];
            422: components["responses"]["OrganiserUnprocessableContent"];
            429: components["responses"]["OrganiserTooManyRequests"];
            500: components["responses"]["OrganiserServerError"];
            503: components["responses"]["OrganiserUnavailable"];
        };
    };
    listEntitySeats: {
        parameters: {
            query?: {
                /** @description Only seats with this status. */
                status?: components["schemas"]["SeatStatusFilter"];
                /** @description Only seats of this section. */
                section?: components["schemas"]["SeatSection"];
                /**
                 * @description Number of seats on a page, 1–1,000.
                 * @example 20
                 */
                limit?: number;
                /** @description `nextCursor` of the previous page; omit it for the first page. */
                cursor?: components["schemas"]["Cursor"];
            };
            header?: never;
            path: {
                /** @example event-app-prod */
                appId: components["schemas"]["AppId"];
                /** @example hall-4 */
                entityId: components["schemas"]["EntityId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of seats */
            200: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["EntitySeatPage"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["OrganiserBadRequest"];
            401: components["responses"]["OrganiserUnauthorized"];
            404: components["responses"]["ListEntitySeatsNotFound"];
            429: components["responses"]["OrganiserTooManyRequests"];
            500: components["responses"]["OrganiserServerError"];
            503: components["responses"]["OrganiserUnavailable"];
        };
    };
    createLayoutSeats: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example event-app-prod */
                appId: components["schemas"]["AppId"];
                /** @example hall-4 */
                entityId: components["schemas"]["EntityId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateLayoutSeatsIn"];
            };
        };
        responses: {
            /** @description The seats exist */
            200: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["CreatedLayoutSeats"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            /** @description All seats exist now */
            201: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["CreatedLayoutSeats"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            /** @description Some seats are missing: repeat the call */
            202: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["CreatedLayoutSeats"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["OrganiserBadBody"];
            401: components["responses"]["OrganiserUnauthorized"];
            404: components["responses"]["CreateLayoutSeatsNotFound"];
            409: components["responses"]["CreateLayoutSeatsConflict"];
            413: components["responses"]["OrganiserContentTooLarge"];
            415: components["responses"]["OrganiserUnsupportedMediaType"];
            429: components["responses"]["OrganiserTooManyRequests"];
            500: components["responses"]["OrganiserServerError"];
            503: components["responses"]["OrganiserUnavailable"];
        };
    };
    patchSeats: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example event-app-prod */
                appId: components["schemas"]["AppId"];
                /** @example hall-4 */
                entityId: components["schemas"]["EntityId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PatchSeatsIn"];
            };
        };
        responses: {
            /** @description Changed */
            200: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["ChangedSeats"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["OrganiserBadBody"];
            401: components["responses"]["OrganiserUnauthorized"];
            404: components["responses"]["PatchSeatsNotFound"];
            413: components["responses"]["OrganiserContentTooLarge"];
            415: components["responses"]["OrganiserUnsupportedMediaType"];
            429: components["responses"]["OrganiserTooManyRequests"];
            500: components["responses"]["OrganiserServerError"];
            503: components["responses"]["OrganiserUnavailable"];
        };
    };
    removeSeats: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example event-app-prod */
                appId: components["schemas"]["AppId"];
                /** @example hall-4 */
                entityId: components["schemas"]["EntityId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RemoveSeatsIn"];
            };
        };
        responses: {
            /** @description Removed */
            200: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["RemovedSeats"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["OrganiserBadBody"];
            401: components["responses"]["OrganiserUnauthorized"];
            404: components["responses"]["RemoveSeatsNotFound"];
            413: components["responses"]["OrganiserContentTooLarge"];
            415: components["responses"]["OrganiserUnsupportedMediaType"];
            429: components["responses"]["OrganiserTooManyRequests"];
            500: components["responses"]["OrganiserServerError"];
            503: components["responses"]["OrganiserUnavailable"];
        };
    };
    listLayouts: {
        parameters: {
            query?: {
                /**
                 * @description Number of layouts on a page, 1–100.
                 * @example 20
                 */
                limit?: number;
                /** @description `nextCursor` of the previous page; omit it for the first page. */
                cursor?: components["schemas"]["Cursor"];
            };
            header?: never;
            path: {
                /** @example event-app-prod */
                appId: components["schemas"]["AppId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of layouts */
            200: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["LayoutPage"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["OrganiserBadRequest"];
            401: components["responses"]["OrganiserUnauthorized"];
            404: components["responses"]["ListLayoutsNotFound"];
            429: components["responses"]["OrganiserTooManyRequests"];
            500: components["responses"]["OrganiserServerError"];
            503: components["responses"]["OrganiserUnavailable"];
        };
    };
    getLayout: {
        parameters: {
            query?: {
                /**
                 * @description The version to read. Omit it for the newest.
                 * @example 1
                 */
                version?: number;
            };
            header?: never;
            path: {
                /** @example event-app-prod */
                appId: components["schemas"]["AppId"];
                /** @example great-hall */
                layoutId: components["schemas"]["LayoutId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The layout */
            200: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Layout"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["OrganiserBadRequest"];
            401: components["responses"]["OrganiserUnauthorized"];
            404: components["responses"]["GetLayoutNotFound"];
            429: components["responses"]["OrganiserTooManyRequests"];
            500: components["responses"]["OrganiserServerError"];
            503: components["responses"]["OrganiserUnavailable"];
        };
    };
    putLayout: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example event-app-prod */
                appId: components["schemas"]["AppId"];
                /** @example small-hall */
                layoutId: components["schemas"]["LayoutId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LayoutDocument"];
            };
        };
        responses: {
            /** @description A new version is stored */
            200: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["LayoutVersion"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            /** @description The first version is stored */
            201: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["LayoutVersion"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["OrganiserBadBody"];
            401: components["responses"]["OrganiserUnauthorized"];
            404: components["responses"]["PutLayoutNotFound"];
            413: components["responses"]["OrganiserContentTooLarge"];
            415: components["responses"]["OrganiserUnsupportedMediaType"];
            429: components["responses"]["OrganiserTooManyRequests"];
            500: components["responses"]["OrganiserServerError"];
            503: components["responses"]["OrganiserUnavailable"];
        };
    };
    importLayout: {
        parameters: {
            query: {
                /**
                 * @description What the body is.
                 * @example pretix
                 */
                format: components["schemas"]["PlanFormat"];
            };
            header?: never;
            path: {
                /** @example event-app-prod */
                appId: components["schemas"]["AppId"];
                /** @example open-air */
                layoutId: components["schemas"]["LayoutId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never>;
                "text/csv": string;
            };
        };
        responses: {
            /** @description A new version is stored */
            200: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["LayoutVersion"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            /** @description The first version is stored */
            201: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["LayoutVersion"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["OrganiserBadBody"];
            401: components["responses"]["OrganiserUnauthorized"];
            404: components["responses"]["ImportLayoutNotFound"];
            413: components["responses"]["OrganiserContentTooLarge"];
            415: components["responses"]["OrganiserUnsupportedMediaType"];
            429: components["responses"]["OrganiserTooManyRequests"];
            500: components["responses"]["OrganiserServerError"];
            503: components["responses"]["OrganiserUnavailable"];
        };
    };
    listWebhooks: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example event-app-prod */
                appId: components["schemas"]["AppId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The endpoints */
            200: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["WebhookList"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["OrganiserBadRequest"];
            401: components["responses"]["OrganiserUnauthorized"];
            404: components["responses"]["ListWebhooksNotFound"];
            429: components["responses"]["OrganiserTooManyRequests"];
            500: components["responses"]["OrganiserServerError"];
            503: components["responses"]["OrganiserUnavailable"];
        };
    };
    createWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example event-app-prod */
                appId: components["schemas"]["AppId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateWebhookIn"];
            };
        };
        responses: {
            /** @description The new endpoint */
            201: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["NewWebhook"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["OrganiserBadBody"];
            401: components["responses"]["OrganiserUnauthorized"];
            404: components["responses"]["CreateWebhookNotFound"];
            409: components["responses"]["CreateWebhookConflict"];
            413: components["responses"]["OrganiserContentTooLarge"];
            415: components["responses"]["OrganiserUnsupportedMediaType"];
            429: components["responses"]["OrganiserTooManyRequests"];
            500: components["responses"]["OrganiserServerError"];
            503: components["responses"]["OrganiserUnavailable"];
        };
    };
    getWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example event-app-prod */
                appId: components["schemas"]["AppId"];
                /** @example 3c1f3c86-6d3c-4f0c-9d7c-0d2a4f1b7a11 */
                webhookId: components["schemas"]["WebhookId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The endpoint */
            200: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Webhook"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["OrganiserBadRequest"];
            401: components["responses"]["OrganiserUnauthorized"];
            404: components["responses"]["GetWebhookNotFound"];
            429: components["responses"]["OrganiserTooManyRequests"];
            500: components["responses"]["OrganiserServerError"];
            503: components["responses"]["OrganiserUnavailable"];
        };
    };
    deleteWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example event-app-prod */
                appId: components["schemas"]["AppId"];
                /** @example 77e0c1de-7f43-4b0a-8a5e-0d8f3b1c2d4e */
                webhookId: components["schemas"]["WebhookId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted */
            200: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["DeletedWebhook"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["OrganiserBadRequest"];
            401: components["responses"]["OrganiserUnauthorized"];
            404: components["responses"]["DeleteWebhookNotFound"];
            429: components["responses"]["OrganiserTooManyRequests"];
            500: components["responses"]["OrganiserServerError"];
            503: components["responses"]["OrganiserUnavailable"];
        };
    };
    patchWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example event-app-prod */
                appId: components["schemas"]["AppId"];
                /** @example 3c1f3c86-6d3c-4f0c-9d7c-0d2a4f1b7a11 */
                webhookId: components["schemas"]["WebhookId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PatchWebhookIn"];
            };
        };
        responses: {
            /** @description The endpoint */
            200: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Webhook"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["OrganiserBadBody"];
            401: components["responses"]["OrganiserUnauthorized"];
            404: components["responses"]["PatchWebhookNotFound"];
            413: components["responses"]["OrganiserContentTooLarge"];
            415: components["responses"]["OrganiserUnsupportedMediaType"];
            429: components["responses"]["OrganiserTooManyRequests"];
            500: components["responses"]["OrganiserServerError"];
            503: components["responses"]["OrganiserUnavailable"];
        };
    };
    rotateWebhookSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example event-app-prod */
                appId: components["schemas"]["AppId"];
                /** @example 3c1f3c86-6d3c-4f0c-9d7c-0d2a4f1b7a11 */
                webhookId: components["schemas"]["WebhookId"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RotateWebhookSecretIn"];
            };
        };
        responses: {
            /** @description The new secret */
            200: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["NewWebhookSecret"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["OrganiserBadBody"];
            401: components["responses"]["OrganiserUnauthorized"];
            404: components["responses"]["RotateWebhookSecretNotFound"];
            409: components["responses"]["RotateWebhookSecretConflict"];
            413: components["responses"]["OrganiserContentTooLarge"];
            415: components["responses"]["OrganiserUnsupportedMediaType"];
            429: components["responses"]["OrganiserTooManyRequests"];
            500: components["responses"]["OrganiserServerError"];
            503: components["responses"]["OrganiserUnavailable"];
        };
    };
    testWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example event-app-prod */
                appId: components["schemas"]["AppId"];
                /** @example 3c1f3c86-6d3c-4f0c-9d7c-0d2a4f1b7a11 */
                webhookId: components["schemas"]["WebhookId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is on its way */
            202: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["StartedDelivery"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["OrganiserBadRequest"];
            401: components["responses"]["OrganiserUnauthorized"];
            404: components["responses"]["TestWebhookNotFound"];
            429: components["responses"]["OrganiserTooManyRequests"];
            500: components["responses"]["OrganiserServerError"];
            503: components["responses"]["OrganiserUnavailable"];
        };
    };
    listDeliveries: {
        parameters: {
            query?: {
                /** @description Only deliveries with this status. */
                status?: components["schemas"]["DeliveryStatus"];
                /**
                 * @description Number of deliveries on a page, 1–100.
                 * @example 20
                 */
                limit?: number;
                /** @description `nextCursor` of the previous page; omit it for the first page. */
                cursor?: components["schemas"]["Cursor"];
            };
            header?: never;
            path: {
                /** @example event-app-prod */
                appId: components["schemas"]["AppId"];
                /** @example 3c1f3c86-6d3c-4f0c-9d7c-0d2a4f1b7a11 */
                webhookId: components["schemas"]["WebhookId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of deliveries */
            200: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["DeliveryPage"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["OrganiserBadRequest"];
            401: components["responses"]["OrganiserUnauthorized"];
            404: components["responses"]["ListDeliveriesNotFound"];
            429: components["responses"]["OrganiserTooManyRequests"];
            500: components["responses"]["OrganiserServerError"];
            503: components["responses"]["OrganiserUnavailable"];
        };
    };
    retryDelivery: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example event-app-prod */
                appId: components["schemas"]["AppId"];
                /** @example 3c1f3c86-6d3c-4f0c-9d7c-0d2a4f1b7a11 */
                webhookId: components["schemas"]["WebhookId"];
                /** @example 8f14e45f-ceea-467f-ab5b-1c2d3e4f5a6b */
                deliveryId: components["schemas"]["DeliveryId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is on its way */
            202: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["StartedDelivery"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["OrganiserBadRequest"];
            401: components["responses"]["OrganiserUnauthorized"];
            404: components["responses"]["RetryDeliveryNotFound"];
            429: components["responses"]["OrganiserTooManyRequests"];
            500: components["responses"]["OrganiserServerError"];
            503: components["responses"]["OrganiserUnavailable"];
        };
    };
    recoverWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example event-app-prod */
                appId: components["schemas"]["AppId"];
                /** @example 3c1f3c86-6d3c-4f0c-9d7c-0d2a4f1b7a11 */
                webhookId: components["schemas"]["WebhookId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RecoverIn"];
            };
        };
        responses: {
            /** @description They are on their way */
            202: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["RecoveredDeliveries"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["OrganiserBadBody"];
            401: components["responses"]["OrganiserUnauthorized"];
            404: components["responses"]["RecoverWebhookNotFound"];
            413: components["responses"]["OrganiserContentTooLarge"];
            415: components["responses"]["OrganiserUnsupportedMediaType"];
            429: components["responses"]["OrganiserTooManyRequests"];
            500: components["responses"]["OrganiserServerError"];
            503: components["responses"]["OrganiserUnavailable"];
        };
    };
    createSeats: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Use a new key for each action of the user, and the same key for its repeats. For 24 hours, the same key with the same body returns the first response. Keys are separate per app, user and route. 5xx and 429 responses are not stored.
                 * @example 6f2b1c1e-0d53-4f6e-9f0f-0c2a9e6f0e4f
                 */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateSeatsIn"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["CreatedSeats"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["OrganiserReplayableBadBody"];
            401: components["responses"]["OrganiserUnauthorized"];
            404: components["responses"]["CreateSeatsNotFound"];
            409: components["responses"]["CreateSeatsConflict"];
            413: components["responses"]["OrganiserReplayableContentTooLarge"];
            415: components["responses"]["OrganiserReplayableUnsupportedMediaType"];
            422: components["responses"]["OrganiserUnprocessableContent"];
            429: components["responses"]["OrganiserTooManyRequests"];
            500: components["responses"]["OrganiserServerError"];
            503: components["responses"]["OrganiserUnavailable"];
        };
    };
    listAllBookings: {
        parameters: {
            query?: {
                /**
                 * @description Only bookings of this tenant.
                 * @example event-app-prod
                 */
                appId?: components["schemas"]["AppId"];
                /** @description Only bookings of this user. */
                userId?: components["schemas"]["UserId"];
                /** @description Only the booking with this id. */
                bookingId?: components["schemas"]["BookingId"];
                /** @description Only bookings with this payment. */
                paymentId?: components["schemas"]["PaymentId"];
                /** @description Only bookings of this entity. */
                entityId?: components["schemas"]["EntityId"];
                /** @description Only bookings that have a seat with this number, sold or cancelled. */
                seatNumber?: components["schemas"]["SeatNumber"];
                /**
                 * @description Only bookings with this status.
                 * @example CONFIRMED
                 */
                status?: components["schemas"]["BookingStatus"];
                /** @description Only bookings with this payment status. */
                paymentStatus?: components["schemas"]["PaymentStatus"];
                /**
                 * @description Only bookings made at this time or later.
                 * @example 2026-01-01T00:00:00.000Z
                 */
                from?: components["schemas"]["Instant"];
                /** @description Only bookings made before this time. */
                to?: components["schemas"]["Instant"];
                /**
                 * @description Number of bookings on a page, 1–100.
                 * @example 20
                 */
                limit?: number;
                /** @description `nextCursor` of the previous page; omit it for the first page. */
                cursor?: components["schemas"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of bookings, each with `appId` and `userId` */
            200: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["BookingPage"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["OrganiserBadRequest"];
            401: components["responses"]["OrganiserUnauthorized"];
            404: components["responses"]["OrganiserNotFound"];
            429: components["responses"]["OrganiserTooManyRequests"];
            500: components["responses"]["OrganiserServerError"];
            503: components["responses"]["OrganiserUnavailable"];
        };
    };
    getAnyBooking: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example BK-20260122-7K2M9QX4TB */
                bookingId: components["schemas"]["BookingId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The booking */
            200: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["BookingOfAdmin"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["OrganiserBadRequest"];
            401: components["responses"]["OrganiserUnauthorized"];
            404: components["responses"]["GetAnyBookingNotFound"];
            429: components["responses"]["OrganiserTooManyRequests"];
            500: components["responses"]["OrganiserServerError"];
            503: components["responses"]["OrganiserUnavailable"];
        };
    };
    cancelAnyBooking: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Use a new key for each action of the user, and the same key for its repeats. For 24 hours, the same key with the same body returns the first response. Keys are separate per app, user and route. 5xx and 429 responses are not stored.
                 * @example 6f2b1c1e-0d53-4f6e-9f0f-0c2a9e6f0e4f
                 */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example BK-20260122-7K2M9QX4TB */
                bookingId: components["schemas"]["BookingId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AdminCancelIn"];
            };
        };
        responses: {
            /** @description Cancelled, now or before */
            200: {
                headers: {
                    "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["BookingOfAdmin"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["OrganiserReplayableBadBody"];
            401: components["responses"]["OrganiserUnauthorized"];
            404: components["responses"]["CancelAnyBookingNotFound"];
            409: components["responses"]["CancelAnyBookingConflict"];
            413: components["responses"]["OrganiserReplayableContentTooLarge"];
            415: components["responses"]["OrganiserReplayableUnsupportedMediaType"];
            422: components["responses"]["OrganiserUnprocessableContent"];
            429: components["responses"]["OrganiserTooManyRequests"];
            500: components["responses"]["OrganiserServerError"];
            503: components["responses"]["OrganiserUnavailable"];
        };
    };
    refundBooking: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description Use a new key for each action of the user, and the same key for its repeats. For 24 hours, the same key with the same body returns the first response. Keys are separate per app, user and route. 5xx and 429 responses are not stored.
                 * @example 6f2b1c1e-0d53-4f6e-9f0f-0c2a9e6f0e4f
                 */
                "Idempotency-Key": string;
            };
            path: {
                /** @example BK-20260122-7K2M9QX4TB */
                bookingId: components["schemas"]["BookingId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RefundBookingIn"];
            };
        };
        responses: {
            /** @description The refund is on record */
            201: {
                headers: {
                    "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["AdminRefund"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["OrganiserReplayableBadBody"];
            401: components["responses"]["OrganiserUnauthorized"];
            404: components["responses"]["RefundBookingNotFound"];
            409: components["responses"]["RefundBookingConflict"];
            413: components["responses"]["OrganiserReplayableContentTooLarge"];
            415: components["responses"]["OrganiserReplayableUnsupportedMediaType"];
            422: components["responses"]["OrganiserUnprocessableContent"];
            429: components["responses"]["OrganiserTooManyRequests"];
            500: components["responses"]["OrganiserServerError"];
            503: components["responses"]["OrganiserUnavailable"];
        };
    };
    listRefunds: {
        parameters: {
            query?: {
                /**
                 * @description Only refunds of this app.
                 * @example event-app-prod
                 */
                appId?: components["schemas"]["AppId"];
                /** @description Only refunds of this booking. */
                bookingId?: components["schemas"]["BookingId"];
                /**
                 * @description Only refunds with this status.
                 * @example FAILED
                 */
                status?: components["schemas"]["RefundStatus"];
                /**
                 * @description Only refunds that were put on record at this time or later.
                 * @example 2026-01-01T00:00:00.000Z
                 */
                from?: components["schemas"]["Instant"];
                /** @description Only refunds that were put on record before this time. */
                to?: components["schemas"]["Instant"];
                /**
                 * @description Number of refunds on a page, 1–100.
                 * @example 20
                 */
                limit?: number;
                /** @description `nextCursor` of the previous page; omit it for the first page. */
                cursor?: components["schemas"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of refunds */
            200: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["RefundPage"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["OrganiserBadRequest"];
            401: components["responses"]["OrganiserUnauthorized"];
            404: components["responses"]["OrganiserNotFound"];
            429: components["responses"]["OrganiserTooManyRequests"];
            500: components["responses"]["OrganiserServerError"];
            503: components["responses"]["OrganiserUnavailable"];
        };
    };
    retryRefund: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Use a new key for each action of the user, and the same key for its repeats. For 24 hours, the same key with the same body returns the first response. Keys are separate per app, user and route. 5xx and 429 responses are not stored.
                 * @example 6f2b1c1e-0d53-4f6e-9f0f-0c2a9e6f0e4f
                 */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example RF-65b0c0ffee0123456789abfe */
                refundId: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RetryRefundIn"];
            };
        };
        responses: {
            /** @description The new refund */
            201: {
                headers: {
                    "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["AdminRefund"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["OrganiserReplayableBadBody"];
            401: components["responses"]["OrganiserUnauthorized"];
            404: components["responses"]["RetryRefundNotFound"];
            409: components["responses"]["RetryRefundConflict"];
            413: components["responses"]["OrganiserReplayableContentTooLarge"];
            415: components["responses"]["OrganiserReplayableUnsupportedMediaType"];
            422: components["responses"]["OrganiserUnprocessableContent"];
            429: components["responses"]["OrganiserTooManyRequests"];
            500: components["responses"]["OrganiserServerError"];
            503: components["responses"]["OrganiserUnavailable"];
        };
    };
    settleRefund: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Use a new key for each action of the user, and the same key for its repeats. For 24 hours, the same key with the same body returns the first response. Keys are separate per app, user and route. 5xx and 429 responses are not stored.
                 * @example 6f2b1c1e-0d53-4f6e-9f0f-0c2a9e6f0e4f
                 */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @example RF-65b0c0ffee0123456789abff */
                refundId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SettleRefundIn"];
            };
        };
        responses: {
            /** @description Settled */
            200: {
                headers: {
                    "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["AdminRefund"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["OrganiserReplayableBadBody"];
            401: components["responses"]["OrganiserUnauthorized"];
            404: components["responses"]["SettleRefundNotFound"];
            409: components["responses"]["SettleRefundConflict"];
            413: components["responses"]["OrganiserReplayableContentTooLarge"];
            415: components["responses"]["OrganiserReplayableUnsupportedMediaType"];
            422: components["responses"]["OrganiserUnprocessableContent"];
            429: components["responses"]["OrganiserTooManyRequests"];
            500: components["responses"]["OrganiserServerError"];
            503: components["responses"]["OrganiserUnavailable"];
        };
    };
    analytics: {
        parameters: {
            query?: {
                /**
                 * @description Only this tenant. Omit it for all tenants.
                 * @example event-app-prod
                 */
                appId?: components["schemas"]["AppId"];
                /** @description Only this entity. Omit it for all entities. */
                entityId?: components["schemas"]["EntityId"];
                /**
                 * @description Count reservations and bookings made at this time or later.
                 * @example 2026-01-01T00:00:00.000Z
                 */
                from?: components["schemas"]["Instant"];
                /** @description Count reservations and bookings made before this time. */
                to?: components["schemas"]["Instant"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The figures */
            200: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Report"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["OrganiserBadRequest"];
            401: components["responses"]["OrganiserUnauthorized"];
            404: components["responses"]["OrganiserNotFound"];
            429: components["responses"]["OrganiserTooManyRequests"];
            500: components["responses"]["OrganiserServerError"];
            503: components["responses"]["OrganiserUnavailable"];
        };
    };
    signup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignupIn"];
            };
        };
        responses: {
            /** @description Signed up, and signed in */
            201: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["UserToken"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["AppBadBody"];
            401: components["responses"]["AppUnauthorized"];
            403: components["responses"]["AppForbidden"];
            409: components["responses"]["SignupConflict"];
            413: components["responses"]["AppContentTooLarge"];
            415: components["responses"]["AppUnsupportedMediaType"];
            429: components["responses"]["AppTooManyRequests"];
            500: components["responses"]["AppServerError"];
            503: components["responses"]["AppUnavailable"];
        };
    };
    login: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignIn"];
            };
        };
        responses: {
            /** @description Signed in */
            200: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["UserToken"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["AppBadBody"];
            401: components["responses"]["LoginUnauthorized"];
            403: components["responses"]["AppForbidden"];
            413: components["responses"]["AppContentTooLarge"];
            415: components["responses"]["AppUnsupportedMediaType"];
            429: components["responses"]["AppTooManyRequests"];
            500: components["responses"]["AppServerError"];
            503: components["responses"]["AppUnavailable"];
        };
    };
    listEntities: {
        parameters: {
            query?: {
                /**
                 * @description Only entities that end at this time or later, or have no date. An entity without an end
                 *     counts by its start. Omit it for entities that are not over.
                 */
                from?: components["schemas"]["Instant"];
                /** @description Only entities that start before this time. */
                to?: components["schemas"]["Instant"];
                /**
                 * @description Number of entities on a page, 1–100.
                 * @example 20
                 */
                limit?: number;
                /** @description `nextCursor` of the previous page; omit it for the first page. */
                cursor?: components["schemas"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of entities */
            200: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["EntityPage"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["AppBadRequest"];
            401: components["responses"]["AppUnauthorized"];
            403: components["responses"]["AppForbidden"];
            429: components["responses"]["AppTooManyRequests"];
            500: components["responses"]["AppServerError"];
            503: components["responses"]["AppUnavailable"];
        };
    };
    getEntity: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example hall-4 */
                entityId: components["schemas"]["EntityId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The entity */
            200: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["EntityWithSections"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["AppBadRequest"];
            401: components["responses"]["AppUnauthorized"];
            403: components["responses"]["AppForbidden"];
            404: components["responses"]["GetEntityNotFound"];
            429: components["responses"]["AppTooManyRequests"];
            500: components["responses"]["AppServerError"];
            503: components["responses"]["AppUnavailable"];
        };
    };
    listSeats: {
        parameters: {
            query: {
                /**
                 * @description The event, ride or show whose seats to list.
                 * @example hall-1
                 */
                entityId: components["schemas"]["EntityId"];
                /** @description `all` lists every seat with its `status`. Omit it to list only the available seats. */
                include?: components["schemas"]["Include"];
                /** @description Number of seats on a page, 1–1,000. */
                limit?: number;
                /** @description `nextCursor` of the previous page; omit it for the first page. */
                cursor?: components["schemas"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The seats */
            200: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["SeatPage"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["UserBadRequest"];
            401: components["responses"]["UserUnauthorized"];
            403: components["responses"]["UserForbidden"];
            429: components["responses"]["UserTooManyRequests"];
            500: components["responses"]["UserServerError"];
            503: components["responses"]["UserUnavailable"];
        };
    };
    reserve: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Use a new key for each action of the user, and the same key for its repeats. For 24 hours, the same key with the same body returns the first response. Keys are separate per app, user and route. 5xx and 429 responses are not stored.
                 * @example 6f2b1c1e-0d53-4f6e-9f0f-0c2a9e6f0e4f
                 */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReserveIn"];
            };
        };
        responses: {
            /** @description The caller holds exactly these seats already, or their hold was changed */
            200: {
                headers: {
                    "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Hold"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            /** @description The seats are held */
            201: {
                headers: {
                    "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Hold"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["UserReplayableBadBody"];
            401: components["responses"]["UserUnauthorized"];
            403: components["responses"]["UserForbidden"];
            404: components["responses"]["ReserveNotFound"];
            409: components["responses"]["ReserveConflict"];
            410: components["responses"]["ReserveGone"];
            413: components["responses"]["UserReplayableContentTooLarge"];
            415: components["responses"]["UserReplayableUnsupportedMediaType"];
            422: components["responses"]["UserUnprocessableContent"];
            429: components["responses"]["ReserveTooManyRequests"];
            500: components["responses"]["UserServerError"];
            503: components["responses"]["UserUnavailable"];
        };
    };
    startPayment: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Use a new key for each action of the user, and the same key for its repeats. For 24 hours, the same key with the same body returns the first response. Keys are separate per app, user and route. 5xx and 429 responses are not stored.
                 * @example 6f2b1c1e-0d53-4f6e-9f0f-0c2a9e6f0e4f
                 */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StartPaymentIn"];
            };
        };
        responses: {
            /** @description Started before */
            200: {
                headers: {
                    "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Payment"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            /** @description Started */
            201: {
                headers: {
                    "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Payment"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["UserReplayableBadBody"];
            401: components["responses"]["UserUnauthorized"];
            403: components["responses"]["UserForbidden"];
            404: components["responses"]["StartPaymentNotFound"];
            409: components["responses"]["StartPaymentConflict"];
            410: components["responses"]["StartPaymentGone"];
            413: components["responses"]["UserReplayableContentTooLarge"];
            415: components["responses"]["UserReplayableUnsupportedMediaType"];
            422: components["responses"]["UserUnprocessableContent"];
            429: components["responses"]["UserTooManyRequests"];
            500: components["responses"]["UserServerError"];
            503: components["responses"]["StartPaymentUnavailable"];
        };
    };
    paymentEvents: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example stripe */
                provider: string;
                /** @example event-app-prod */
                appId: components["schemas"]["AppId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Handled, or about something else */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["EventHandled"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["PaymentEventsBadRequest"];
            404: components["responses"]["PublicNotFound"];
            413: components["responses"]["PaymentEventsContentTooLarge"];
            500: components["responses"]["PublicServerError"];
            503: components["responses"]["PublicUnavailable"];
        };
    };
    confirm: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Use a new key for each action of the user, and the same key for its repeats. For 24 hours, the same key with the same body returns the first response. Keys are separate per app, user and route. 5xx and 429 responses are not stored.
                 * @example 6f2b1c1e-0d53-4f6e-9f0f-0c2a9e6f0e4f
                 */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConfirmIn"];
            };
        };
        responses: {
            /** @description Booked before by the same call */
            200: {
                headers: {
                    "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Booking"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            /** @description Booked */
            201: {
                headers: {
                    "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Booking"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["UserReplayableBadBody"];
            401: components["responses"]["UserUnauthorized"];
            402: components["responses"]["ConfirmPaymentRequired"];
            403: components["responses"]["UserForbidden"];
            404: components["responses"]["ConfirmNotFound"];
            409: components["responses"]["ConfirmConflict"];
            410: components["responses"]["ConfirmGone"];
            413: components["responses"]["UserReplayableContentTooLarge"];
            415: components["responses"]["UserReplayableUnsupportedMediaType"];
            422: components["responses"]["UserUnprocessableContent"];
            429: components["responses"]["UserTooManyRequests"];
            500: components["responses"]["UserServerError"];
            503: components["responses"]["ConfirmUnavailable"];
        };
    };
    release: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Use a new key for each action of the user, and the same key for its repeats. For 24 hours, the same key with the same body returns the first response. Keys are separate per app, user and route. 5xx and 429 responses are not stored.
                 * @example 6f2b1c1e-0d53-4f6e-9f0f-0c2a9e6f0e4f
                 */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReleaseIn"];
            };
        };
        responses: {
            /** @description Released, now or before */
            200: {
                headers: {
                    "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Released"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["UserReplayableBadBody"];
            401: components["responses"]["UserUnauthorized"];
            403: components["responses"]["UserForbidden"];
            404: components["responses"]["ReleaseNotFound"];
            409: components["responses"]["ReleaseConflict"];
            410: components["responses"]["ReleaseGone"];
            413: components["responses"]["UserReplayableContentTooLarge"];
            415: components["responses"]["UserReplayableUnsupportedMediaType"];
            422: components["responses"]["UserUnprocessableContent"];
            429: components["responses"]["UserTooManyRequests"];
            500: components["responses"]["UserServerError"];
            503: components["responses"]["UserUnavailable"];
        };
    };
    listBookings: {
        parameters: {
            query?: {
                /**
                 * @description Number of bookings on a page, 1–100.
                 * @example 20
                 */
                limit?: number;
                /** @description `nextCursor` of the previous page; omit it for the first page. */
                cursor?: components["schemas"]["Cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of bookings */
            200: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["BookingPage"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["UserBadRequest"];
            401: components["responses"]["UserUnauthorized"];
            403: components["responses"]["UserForbidden"];
            429: components["responses"]["UserTooManyRequests"];
            500: components["responses"]["UserServerError"];
            503: components["responses"]["UserUnavailable"];
        };
    };
    getBooking: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example BK-20260122-7K2M9QX4TB */
                bookingId: components["schemas"]["BookingId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The booking */
            200: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Booking"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["UserBadRequest"];
            401: components["responses"]["UserUnauthorized"];
            403: components["responses"]["UserForbidden"];
            404: components["responses"]["GetBookingNotFound"];
            429: components["responses"]["UserTooManyRequests"];
            500: components["responses"]["UserServerError"];
            503: components["responses"]["UserUnavailable"];
        };
    };
    quoteCancellation: {
        parameters: {
            query?: {
                /** @description Ids of the booking's seats, separated by commas. Omit it for all seats that are left. */
                seatIds?: string;
            };
            header?: never;
            path: {
                /** @example BK-20260122-7K2M9QX4TB */
                bookingId: components["schemas"]["BookingId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What goes back */
            200: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["CancellationQuote"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["UserBadRequest"];
            401: components["responses"]["UserUnauthorized"];
            403: components["responses"]["UserForbidden"];
            404: components["responses"]["QuoteCancellationNotFound"];
            409: components["responses"]["QuoteCancellationConflict"];
            429: components["responses"]["UserTooManyRequests"];
            500: components["responses"]["UserServerError"];
            503: components["responses"]["UserUnavailable"];
        };
    };
    cancelBooking: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Use a new key for each action of the user, and the same key for its repeats. For 24 hours, the same key with the same body returns the first response. Keys are separate per app, user and route. 5xx and 429 responses are not stored.
                 * @example 6f2b1c1e-0d53-4f6e-9f0f-0c2a9e6f0e4f
                 */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CancelBookingIn"];
            };
        };
        responses: {
            /** @description Cancelled, now or before */
            200: {
                headers: {
                    "idempotency-replayed": components["headers"]["IdempotencyReplayed"];
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Booking"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["UserReplayableBadBody"];
            401: components["responses"]["UserUnauthorized"];
            403: components["responses"]["UserForbidden"];
            404: components["responses"]["CancelBookingNotFound"];
            409: components["responses"]["CancelBookingConflict"];
            413: components["responses"]["UserReplayableContentTooLarge"];
            415: components["responses"]["UserReplayableUnsupportedMediaType"];
            422: components["responses"]["UserUnprocessableContent"];
            429: components["responses"]["UserTooManyRequests"];
            500: components["responses"]["UserServerError"];
            503: components["responses"]["UserUnavailable"];
        };
    };
    listReservations: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The holds */
            200: {
                headers: {
                    ratelimit: components["headers"]["RateLimit"];
                    "ratelimit-policy": components["headers"]["RateLimitPolicy"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["HoldList"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["UserBadRequest"];
            401: components["responses"]["UserUnauthorized"];
            403: components["responses"]["UserForbidden"];
            429: components["responses"]["UserTooManyRequests"];
            500: components["responses"]["UserServerError"];
            503: components["responses"]["UserUnavailable"];
        };
    };
    getFeed: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 1kPq3vXz8RtBw5YdN0aJcE */
                feedKey: components["schemas"]["FeedKey"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The states */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Feed"];
                };
            };
            /** @description Unchanged since the `ETag` in `If-None-Match` */
            304: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: components["responses"]["GetFeedNotFound"];
            500: components["responses"]["PublicServerError"];
            503: components["responses"]["PublicUnavailable"];
        };
    };
    getFeedSeats: {
        parameters: {
            query: {
                /**
                 * @description `seatsVersion` of the feed.
                 * @example 7
                 */
                v: number;
            };
            header?: never;
            path: {
                /** @example 1kPq3vXz8RtBw5YdN0aJcE */
                feedKey: components["schemas"]["FeedKey"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The seats */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FeedSeats"];
                };
            };
            400: components["responses"]["PublicBadRequest"];
            404: components["responses"]["GetFeedSeatsNotFound"];
            406: components["responses"]["GetFeedSeatsNotAcceptable"];
            500: components["responses"]["PublicServerError"];
            503: components["responses"]["PublicUnavailable"];
        };
    };
    health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description `ok` or `degraded` */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        success: true;
                        data: components["schemas"]["Health"];
                        /** @description What happened, in English. The wording may change. */
                        message: string;
                    };
                };
            };
            400: components["responses"]["PublicBadRequest"];
            500: components["responses"]["PublicServerError"];
            503: components["responses"]["HealthUnavailable"];
        };
    };
    headHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description `ok` or `degraded` */
            200: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A field or parameter is missing, unknown or invalid. `details.fields` says which and why. */
            400: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description An unexpected error in the service. Repeating the request is safe. */
            500: {
                headers: {
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A dependency is unavailable. The request may or may not have taken effect; repeating it is safe. */
            503: {
                headers: {
                    "retry-after": components["headers"]["RetryAfter"];
                    "x-request-id": components["headers"]["RequestId"];
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
}
