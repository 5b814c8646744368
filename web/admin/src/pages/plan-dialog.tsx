import { type Layout, type SeatMap, placesOf } from "@unified-booking/seat-map/seat-map";
import { useEffect, useRef, useState } from "preact/hooks";
import { useDashboard } from "../api.js";
import { type Entity, routes } from "../contract.js";
import { minorUnits } from "../format.js";
import { Field, FormDialog, Input } from "../ui.js";

/** A plan from a file, with a preview and a price for each of its categories. */
export function PlanDialog(props: {
  appId: string;
  entity: Entity;
  onClose: () => void;
  onDone: () => void;
}) {
  const { appId, entity } = props;
  const { client } = useDashboard();
  const [layout, setLayout] = useState<Layout>();
  const [problem, setProblem] = useState("");
  const categories = layout
    ? [...new Set(placesOf(layout).map(({ category = "" }) => category))]
    : [];
  const read = async (file: File | undefined) => {
    setProblem("");
    setLayout(undefined);
    try {
      const made = JSON.parse((await file?.text()) ?? "") as Layout;
      if (placesOf(made).length === 0) throw new Error("it has no seats");
      setLayout(made);
    } catch (error) {
      setProblem(`This is not a plan: ${error instanceof Error ? error.message : error}`);
    }
  };
  const send = async (fields: FormData) => {
    if (!layout) throw new Error("Choose a plan first.");
    const layoutId = String(fields.get("layoutId")).trim();
    const prices: Record<string, number> = {};
    for (const category of categories) {
      const price = minorUnits(String(fields.get(`price ${category}`)), entity.currency);
      if (price === undefined) throw new Error(`The price of ${category} is not an amount.`);
      prices[category] = price;
    }
    const api = routes(client, appId);
    await api.putLayout(layoutId, layout);
    // Large plans take several calls: repeated until all seats exist.
    for (;;) {
      const { created, total } = await api.makeSeats(entity.entityId, layoutId, prices);
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
      <Input
        label="Plan"
        type="file"
        accept=".json,application/json"
        onChange={(event) => void read(event.currentTarget.files?.[0])}
        hint="A layout as JSON."
      />
      <p class="problem" role="alert">
        {problem}
      </p>
      {layout && (
        <>
          <PlanPreview layout={layout} />
          <Input
            label="Id of the plan"
            name="layoutId"
            required
            defaultValue={entity.layoutId ?? entity.entityId}
          />
          {categories.map((category) => (
            <Field
              key={category}
              label={`Price of ${layout.categories?.find(({ key }) => key === category)?.label ?? category} in ${entity.currency}`}
            >
              {(id) => <input id={id} name={`price ${category}`} inputMode="decimal" required />}
            </Field>
          ))}
        </>
      )}
    </FormDialog>
  );
}

function PlanPreview({ layout }: { layout: Layout }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const map = document.createElement("seat-map") as SeatMap;
    place.current!.replaceChildren(map);
    map.layout = layout;
    map.seats = placesOf(layout).map(({ number, section, row, category }, index) => ({
      seatId: String(index),
      seatNumber: number,
      section,
      row,
      price: 0,
      ...(category && { category }),
    }));
  }, [layout]);
  return <div class="map small" ref={place} />;
}
