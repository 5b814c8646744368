//! The best seats of an entity whose seats come from a layout.

use serde_json::{Value, json};

use super::{make, path, plan, store, texts, venue};

/// Rows 1 to 12 of 12 seats, whose numbers grow to the left. The stage is at row 11.
fn deep_hall() -> Value {
    let row = |n: i32| {
        let run = json!({"first": 1, "count": 12, "x": 600, "y": 50 * n, "dx": -50, "dy": 0});
        json!({"label": n.to_string(), "run": run})
    };
    let rows: Vec<Value> = (1..=12).map(row).collect();
    let mut plan = plan();
    plan["focalPoint"] = json!({"x": 525, "y": 550});
    plan["categories"] = json!([{"key": "gold", "label": "Gold", "color": "red", "mark": "G"}]);
    plan["sections"] = json!([
        {"key": "L", "label": "Left", "rows": rows},
        {"key": "R", "label": "Right", "rows": [
            {"label": "11", "run": {"first": 1, "count": 4, "x": 650, "y": 550, "dx": 50, "dy": 0}},
        ]},
    ]);
    plan
}

#[tokio::test]
async fn the_best_seats_are_those_nearest_to_the_focal_point_of_the_layout() {
    let tenant = venue().await;
    store(&tenant, "deep", &deep_hall()).await;
    let body = json!({"layoutId": "deep", "prices": {"gold": 1}});
    make(&tenant, &body).await.expect(201);
    let user = tenant.user().await;
    let best = async |quantity: usize| {
        let best = json!({"entityId": tenant.entity, "quantity": quantity, "adjacent": "REQUIRED"});
        let reply = user.post("/reserve-seat", &json!({"bestAvailable": best})).await;
        texts(reply.expect(201)["seats"].as_array().unwrap(), "seatNumber")
    };
    // 2 and 3 are nearer, and would leave 1 alone. The other block has a row 11 of its own.
    assert_eq!(best(2).await, ["L-11-1", "L-11-2"]);
    let next = best(4).await;
    assert!(next.iter().all(|number| number.starts_with("10-") || number.starts_with("12-")));
    // What the organiser removes leaves a gap: nobody sits beside it.
    let number = |row: i32| if row == 11 { "L-11-12".to_owned() } else { format!("{row}-6") };
    let numbers: Vec<String> = (1..=12).map(number).collect();
    let remove = json!({"where": {"seatNumbers": numbers}});
    let path = format!("{}/seats/remove", path(&tenant));
    tenant.stack.admin().await.post(&path, &remove).await.expect(200);
    let best = json!({"entityId": tenant.entity, "quantity": 10, "adjacent": "REQUIRED"});
    let few = user.post("/reserve-seat", &json!({"bestAvailable": best})).await;
    let details = few.error(409, "NOT_ENOUGH_SEATS")["details"].clone();
    assert_eq!(details["largestAdjacent"], 9, "L-11-3 to L-11-11");
}
