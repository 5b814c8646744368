//! Plans from spreadsheets and from pretix, and plans as large as
//! they may be: `/admin/apps/{appId}/layouts/{layoutId}/import`.

use std::{io::Read as _, time::Duration};

use flate2::read::GzDecoder;
use serde_json::{Value, json};

use super::layouts::{path, plan, put, server};
use crate::support::{people::Admin, poll::eventually, reply::Reply, unique};

async fn import_csv(admin: &Admin, path: &str, bytes: impl Into<Vec<u8>>) -> Reply {
    let call = admin.call("POST", &format!("{path}/import?format=csv"));
    call.header("content-type", "text/csv").bytes(bytes.into()).send().await
}

/// A busy machine may need more time for a large sheet than one call has.
async fn import_large(admin: &Admin, path: &str, sheet: &str) -> Reply {
    eventually("the sheet is imported", Duration::from_secs(120), || async {
        let reply = import_csv(admin, path, sheet).await;
        (reply.status != 503).then_some(reply)
    })
    .await
}

async fn import_pretix(admin: &Admin, path: &str, plan: &Value) -> Reply {
    admin.post(&format!("{path}/import?format=pretix"), plan).await
}

/// All seats that a layout lists, as (number, category, flags).
fn listed(layout: &Value) -> Vec<(String, String, Value)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut seats = Vec::new();
    for section in layout["sections"].as_array().unwrap() {
        for row in section["rows"].as_array().unwrap() {
            for seat in row["seats"].as_array().unwrap() {
                let category = seat.get("category").unwrap_or(&row["category"]);
                seats.push((text(&seat["number"]), text(category), seat["flags"].clone()));
            }
        }
    }
    seats
}

/// What each program makes of one and the same sheet.
fn saved_by() -> [(&'static str, Vec<u8>); 4] {
    let lines = |separator: &str, end: &str, quoted: bool| {
        let rows = [
            ["section", "row", "number", "x", "y", "category", "flags"],
            ["Second Floor Balcony Left", "AA", "101", "100", "200", "Für Gäste", "wheelchair"],
            [
                "Second Floor Balcony Left",
                "AA",
                "102",
                "150",
                "200",
                "Für Gäste",
                "companion aisle",
            ],
            ["Parkett; Mitte, links", "1", "12", "100", "900", "Gold", ""],
            ["Parkett; Mitte, links", "11", "2", "100", "950", "Gold", ""],
        ];
        let cell = |cell: &str| {
            let number = cell.parse::<u32>().is_ok();
            let must = cell.contains(separator);
            let may = quoted && !cell.is_empty() && !number;
            if must || may { format!("\"{cell}\"") } else { cell.to_owned() }
        };
        let line = |row: &[&str; 7]| row.map(cell).join(separator) + end;
        rows.iter().map(line).collect::<String>()
    };
    let windows_1252 = |text: String| {
        text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect::<Vec<u8>>()
    };
    let with_mark = |text: String| ("\u{feff}".to_owned() + &text).into_bytes();
    [
        ("Excel, CSV (separated by semicolons)", windows_1252(lines(";", "\r\n", false))),
        ("Excel, CSV UTF-8", with_mark(lines(";", "\r\n", false))),
        ("LibreOffice", lines(",", "\n", true).into_bytes()),
        ("Google Sheets", lines(",", "\r\n", false).into_bytes()),
    ]
}

#[tokio::test]
async fn a_spreadsheet_is_read_as_excel_libreoffice_and_google_sheets_write_it() {
    let (tenant, server, _) = server().await;
    for (program, bytes) in saved_by() {
        let path = path(&tenant, &unique("sheet"));
        let reply = import_csv(&server, &path, bytes).await;
        let data = reply.expect(201);
        assert_eq!(data["counts"]["seats"], 4, "{program}: {reply}");
        let read = server.get(&path).await;
        let expected = [
            ("Second Floor Balcony Left-AA-101", "Für Gäste", json!(["wheelchair"])),
            ("Second Floor Balcony Left-AA-102", "Für Gäste", json!(["companion", "aisle"])),
            ("Parkett; Mitte, links-1-12", "Gold", Value::Null),
            ("Parkett; Mitte, links-11-2", "Gold", Value::Null),
        ];
        let expected = expected
            .map(|(number, category, flags)| (number.to_owned(), category.to_owned(), flags));
        assert_eq!(listed(read.expect(200)), expected, "{program}");
    }
}

#[tokio::test]
async fn an_import_keeps_the_name_that_the_layout_has() {
    let (_, server, path) = server().await;
    let sheet = "section,row,number,x,y,category,flags\nA,1,1,0,0,Gold,\n";
    let first = import_csv(&server, &path, sheet).await;
    let data = first.expect(201);
    assert_eq!(data["name"], data["layoutId"]);
    put(&server, &path, &plan()).await.expect(200);
    let third = import_csv(&server, &path, sheet).await;
    assert_eq!(
        (&third.expect(200)["version"], &third.body["data"]["name"]),
        (&json!(3), &json!("Hall"))
    );
}

#[tokio::test]
async fn an_unreadable_line_is_named_and_nothing_is_stored() {
    let (_, server, path) = server().await;
    let header = "section,row,number,x,y,category,flags\n";
    for (lines, field) in [
        ("A,1,1,0,0,Gold,\nA,1,2,twelve,0,Gold,\n".as_bytes().to_vec(), "line 3, x"),
        ("A,1,1,0,0,Gold,\nA,1,1,50,0,Gold,\n".into(), "line 3, number"),
        ("A,1,1,0,0,Gold,vip\n".into(), "line 2, flags"),
        ("A,1,1,0,0,,\n".into(), "line 2, category"),
        ("A,1,1,0,0,Gold,\nB\u{fffd}hne,1,1,0,0,Gold,\n".into(), "line 3"),
    ] {
        let reply = import_csv(&server, &path, [header.as_bytes(), &lines].concat()).await;
        let error = reply.error(400, "VALIDATION_ERROR");
        assert_eq!(error["details"]["fields"][0]["field"], field, "{reply}");
    }
    import_csv(&server, &path, "section;row\n").await.error(400, "VALIDATION_ERROR");
    import_csv(&server, &path, "").await.error(400, "VALIDATION_ERROR");
    server.get(&path).await.error(404, "LAYOUT_NOT_FOUND");
}

/// A pretix plan with two blocks that have the same rows.
fn pretix() -> Value {
    let row = |zone: &str, row: &str, numbers: &[&str]| {
        let seats: Vec<_> = numbers
            .iter()
            .zip(0_i64..)
            .map(|(number, at)| {
                json!({"seat_guid": format!("{zone}/{row}/{number}"), "seat_number": number,
                       "position": {"x": at * 30, "y": 0}, "category": "Gold"})
            })
            .collect();
        json!({"row_number": row, "position": {"x": 0, "y": 0}, "seats": seats})
    };
    let zone = |name: &str, x: i64| {
        json!({"name": name, "position": {"x": x, "y": 0}, "areas": [],
               "rows": [row(name, "1", &["2", "12"]), row(name, "11", &["2"])]})
    };
    json!({"name": "Two blocks", "size": {"width": 900, "height": 300},
           "categories": [{"name": "Gold", "color": "#d4af37"}],
           "zones": [zone("Block A", 0), zone("Block B", 400)]})
}

#[tokio::test]
async fn a_plan_of_pretix_keeps_its_blocks_apart() {
    let (_, server, path) = server().await;
    let reply = import_pretix(&server, &path, &pretix()).await;
    let data = reply.expect(201);
    assert_eq!((&data["name"], &data["counts"]["seats"]), (&json!("Two blocks"), &json!(6)));
    let read = server.get(&path).await;
    let numbers: Vec<_> = listed(read.expect(200)).into_iter().map(|(number, ..)| number).collect();
    let expected = ["A-1-2", "A-1-12", "A-11-2", "B-1-2", "B-1-12", "B-11-2"];
    assert_eq!(numbers, expected.map(|number| format!("Block {number}")));

    let mut wrong = pretix();
    wrong["zones"][1]["rows"][0]["seats"][1]["category"] = "Silver".into();
    let reply = import_pretix(&server, &path, &wrong).await;
    reply.refuses("zones[1].rows[0].seats[1].category");
    let mut unknown = pretix();
    unknown["zones"][0]["rows"][0]["tables"] = json!([]);
    import_pretix(&server, &path, &unknown).await.refuses("zones[0].rows[0].tables");
    assert_eq!(server.get(&path).await.expect(200)["version"], 1);
}

#[tokio::test]
async fn a_body_has_the_size_and_the_type_of_its_route() {
    let (_, server, path) = server().await;
    let import = format!("{path}/import");
    let sheet = |length: usize| {
        let mut text = "section,row,number,x,y,category,flags\nA,1,1,0,0,Gold,\n".to_owned();
        text.extend(std::iter::repeat_n('\n', length - text.len()));
        text
    };
    let (limit, put_limit) = (4 * 1024 * 1024, 2 * 1024 * 1024);
    import_csv(&server, &path, sheet(limit + 1)).await.error(413, "PAYLOAD_TOO_LARGE");
    import_csv(&server, &path, sheet(limit)).await.expect(201);
    let text = plan().to_string();
    let padded = |length: usize| text.clone() + &" ".repeat(length - text.len());
    let call = |body: String| server.call("PUT", &path).raw(body);
    call(padded(put_limit + 1)).send().await.error(413, "PAYLOAD_TOO_LARGE");
    call(padded(put_limit)).send().await.expect(200);

    let csv = server.call("POST", &format!("{import}?format=csv"));
    csv.clone().raw(sheet(100)).send().await.error(415, "UNSUPPORTED_MEDIA_TYPE");
    let typed = csv.clone().header("content-type", "Text/CSV; charset=windows-1252");
    typed.bytes(sheet(100).into()).send().await.expect(200);
    let pretix = server.call("POST", &format!("{import}?format=pretix"));
    let typed = pretix.header("content-type", "text/csv").bytes(self::pretix().to_string().into());
    typed.send().await.error(415, "UNSUPPORTED_MEDIA_TYPE");
    for query in ["", "?format=", "?format=xlsx"] {
        server.post(&format!("{import}{query}"), &json!({})).await.refuses("format");
    }
    server.post(&format!("{import}?format=pretix&name=x"), &json!({})).await.refuses("name");
    server.call("POST", &format!("{import}?format=pretix")).send().await.error(400, "INVALID_JSON");
}

#[tokio::test]
async fn fifty_thousand_seats_are_imported_and_read_in_one_piece() {
    let (_, server, path) = server().await;
    let sheet = |seats: usize| {
        let mut text = "section,row,number,x,y,category,flags\n".to_owned();
        for seat in 0..seats {
            let (section, row, number) = (seat / 1_000, seat % 1_000 / 40, seat % 40 + 1);
            let (x, y) = (section * 1_900 + number * 40, row * 60 + 1_000);
            text += &format!(
                "Oberrang Block {section},{row},{number},{x},{y},Kategorie {},\n",
                seat % 7
            );
        }
        text
    };
    import_large(&server, &path, &sheet(50_001)).await.error(400, "VALIDATION_ERROR");
    server.get(&path).await.error(404, "LAYOUT_NOT_FOUND");
    let reply = import_large(&server, &path, &sheet(50_000)).await;
    assert_eq!(reply.expect(201)["counts"]["seats"], 50_000);
    let plain = server.get(&path).await;
    let data = plain.expect(200);
    assert_eq!(listed(data).len(), 50_000);
    assert!(plain.header("content-encoding").is_none() && plain.text.len() > 4_000_000);

    let call = server.call("GET", &path).header("accept-encoding", "br, gzip;q=0.5");
    let packed = call.fetch().await;
    assert_eq!(packed.headers()["content-encoding"], "gzip");
    let bytes = packed.bytes().await.unwrap();
    assert!(bytes.len() < 1_000_000, "{} bytes", bytes.len());
    let mut text = String::new();
    GzDecoder::new(bytes.as_ref()).read_to_string(&mut text).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["data"], *data);
}

#[tokio::test]
async fn a_plan_that_is_too_long_for_lambda_is_sent_with_gzip_anyway() {
    let (_, server, path) = server().await;
    let mut text = "section,row,number,x,y,category,flags\n".to_owned();
    for seat in 0..50_000 {
        let (row, number) = (seat / 100, seat % 100);
        let category = ["Erste Kategorie", "Zweite Kategorie"][seat % 2];
        text +=
            &format!("Zweiter Rang links außen oben,{row},{number},{number},{row},{category},\n");
    }
    import_large(&server, &path, &text).await.expect(201);
    for accepted in ["identity", "gzip;q=0"] {
        let reply = server.call("GET", &path).header("accept-encoding", accepted).fetch().await;
        assert_eq!(reply.headers()["content-encoding"], "gzip");
        let mut text = String::new();
        let bytes = reply.bytes().await.unwrap();
        GzDecoder::new(bytes.as_ref()).read_to_string(&mut text).unwrap();
        assert!(text.len() > 5_000_000, "{}", text.len());
    }
}
