import type { Input as CallInput, Schemas } from "@unified-booking/client";
import { Field, Input, Select } from "../ui.js";
import { deviceZone, instantOf, timeZones, wallTime } from "../zone.js";
import { PolicyFields, policyOf } from "./policy-fields.js";

type Settings = Schemas["EntitySettings"];
type NewSettings = Omit<CallInput<"putEntity">, "appId">;

/** The form of an entity's settings. All times are in the entity's own zone. */
export function EntityFields({ entity }: { entity?: Settings }) {
  const zone = entity?.timeZone ?? deviceZone();
  const local = (value: string | undefined) => (value ? wallTime(value, zone) : "");
  return (
    <>
      {entity ? (
        <input type="hidden" name="entityId" value={entity.entityId} />
      ) : (
        <Input
          label="Id"
          name="entityId"
          required
          pattern="[A-Za-z0-9][A-Za-z0-9._\-]{0,63}"
          hint="Letters, digits, dots, hyphens. It cannot change."
        />
      )}
      <Input label="Title" name="title" required maxLength={200} defaultValue={entity?.title} />
      <Input label="Venue" name="venue" maxLength={200} defaultValue={entity?.venue} />
      <Field label="Description">
        {(id) => (
          <textarea
            id={id}
            class="prose"
            name="description"
            rows={3}
            maxLength={2000}
            defaultValue={entity?.description}
          />
        )}
      </Field>
      <div class="pair">
        <Time label="Starts" name="startsAt" value={local(entity?.startsAt)} />
        <Time label="Ends" name="endsAt" value={local(entity?.endsAt)} />
        <Time label="Sales open" name="salesOpenAt" value={local(entity?.salesOpenAt)} />
        <Time label="Sales close" name="salesCloseAt" value={local(entity?.salesCloseAt)} />
        <Select
          label="Time zone"
          name="timeZone"
          options={[...new Set([zone, ...timeZones()])].map((name) => [name, name])}
          defaultValue={zone}
        />
        <Input
          label="Currency"
          name="currency"
          required
          pattern="[A-Z]{3}"
          placeholder="INR"
          defaultValue={entity?.currency}
        />
        <Input
          label="Seconds to pay"
          name="holdSeconds"
          type="number"
          min="30"
          max="3600"
          placeholder="as the service says"
          defaultValue={entity?.holdSeconds}
        />
        <Input
          label="Most seats per user"
          name="maxSeatsPerUser"
          type="number"
          min="1"
          max="1000"
          placeholder="any number"
          defaultValue={entity?.maxSeatsPerUser}
        />
      </div>
      <PolicyFields
        {...(entity?.cancellationPolicy && { policy: entity.cancellationPolicy })}
        {...(entity && { currency: entity.currency })}
      />
      <label class="check">
        <input
          type="checkbox"
          name="releaseAccessible"
          defaultChecked={entity?.releaseAccessible ?? false}
        />
        Offer wheelchair and companion seats to everybody
      </label>
    </>
  );
}

function Time({ label, name, value }: { label: string; name: string; value: string }) {
  return <Input label={label} name={name} type="datetime-local" defaultValue={value} />;
}

/** The settings from the form. Empty fields are omitted, so the PUT clears them. */
export function settingsOf(fields: FormData): NewSettings {
  const text = (name: string) => String(fields.get(name) ?? "").trim();
  const timeZone = text("timeZone");
  const number = (name: string) => (text(name) ? Number(text(name)) : undefined);
  const time = (name: string) => (text(name) ? instantOf(text(name), timeZone) : undefined);
  const currency = text("currency");
  const filled = {
    venue: text("venue") || undefined,
    description: text("description") || undefined,
    startsAt: time("startsAt"),
    endsAt: time("endsAt"),
    salesOpenAt: time("salesOpenAt"),
    salesCloseAt: time("salesCloseAt"),
    holdSeconds: number("holdSeconds"),
    maxSeatsPerUser: number("maxSeatsPerUser"),
    cancellationPolicy: policyOf(fields, currency),
  };
  const given = Object.entries(filled).filter(([, value]) => value !== undefined);
  return {
    entityId: text("entityId"),
    title: text("title"),
    currency,
    timeZone,
    releaseAccessible: fields.get("releaseAccessible") === "on",
    ...Object.fromEntries(given),
  };
}
