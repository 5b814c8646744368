import { type Layout, placesOf } from "@unified-booking/seat-map/seat-map";
import { useState } from "preact/hooks";
import { useLoad } from "../../../common/load.js";
import { useDashboard } from "../api.js";
import type { Entity } from "../api.js";
import { minorUnits } from "../format.js";
import { collect } from "../paging.js";
import { Empty, Failure, Field, FormDialog, Load, Select } from "../ui.js";
import { PlanPreview } from "./plan-preview.js";

/** Makes an entity's seats from a stored plan, with a price for each category. */
export function PlanDialog(props: {
  appId: string;
  entity: Entity;
  onClose: () => void;
  onDone: () => void;
}) {
  const { appId, entity } = props;
  const { client } = useDashboard();
  const [layoutId, setLayoutId] = useState(entity.layoutId ?? "");
  const listed = useLoad(
    (signal) => collect(client.items("listLayouts", { appId }, { signal })),
    [appId],
  );
  const plan = useLoad(
    async (signal) =>
      layoutId
        ? ((await client.getLayout({ appId, layoutId }, { signal })) as unknown as Layout)
        : undefined,
    [layoutId],
  );
  const layout = plan.state === "ready" ? plan.value : undefined;
  const categories = layout
    ? [...new Set(placesOf(layout).map(({ category = "" }) => category))]
    : [];
  const send = async (fields: FormData) => {
    if (!layout) throw new Error("Choose a plan first.");
    const prices: Record<string, number> = {};
    for (const category of categories) {
      const price = minorUnits(String(fields.get(`price ${category}`)), entity.currency);
      if (price === undefined) throw new Error(`The price of ${category} is not an amount.`);
      prices[category] = price;
    }
    // A large plan takes several calls: repeat until all seats exist.
    for (;;) {
      const { entityId } = entity;
      const made = await client.createLayoutSeats({ appId, entityId, layoutId, prices });
      const { created, total } = made;
      if (created === 0 || created === total) break;
    }
    props.onDone();
  };
  return (
    <FormDialog
      title="Seats from a plan"
      submit="Make the seats"
      onClose={props.onClose}
      onSubmit={send}
    >
      <Load of={listed} rows={1}>
        {(layouts) =>
          layouts.length === 0 ? (
            <Empty title="There is no plan yet">
              <a href={`/apps/${appId}`}>Import one</a>, then come back.
            </Empty>
          ) : (
            <Select
              label="Plan"
              options={[
                ["", "Choose one"],
                ...layouts.map((each) => [each.layoutId, each.name] as const),
              ]}
              value={layoutId}
              onChange={(event) => setLayoutId(event.currentTarget.value)}
            />
          )
        }
      </Load>
      {plan.state === "failed" && <Failure {...plan} />}
      {layout && <PlanPreview layout={layout} />}
      {categories.map((category) => (
        <Field
          key={category}
          label={`Price of ${layout?.categories?.find(({ key }) => key === category)?.label ?? category} in ${entity.currency}`}
        >
          {(id) => <input id={id} name={`price ${category}`} inputMode="decimal" required />}
        </Field>
      ))}
    </FormDialog>
  );
}
