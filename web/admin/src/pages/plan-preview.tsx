import { type Layout, type SeatMap, placesOf } from "@unified-booking/seat-map/seat-map";
import { useEffect, useRef } from "preact/hooks";

/** A plan as buyers will see it, without prices and states. */
export function PlanPreview({ layout }: { layout: Layout }) {
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
