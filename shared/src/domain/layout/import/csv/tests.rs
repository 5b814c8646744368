use super::*;

const HEADER: &str = "section,row,number,x,y,category,flags";

fn read(bytes: &[u8]) -> Result<Layout, Vec<(String, String)>> {
    csv_layout(Text::parse("Hall").unwrap(), bytes).map_err(|faults| {
        let faults = faults.as_slice().iter();
        faults.map(|fault| (fault.field.clone(), fault.reason.clone())).collect()
    })
}

fn numbers(bytes: &[u8]) -> Vec<String> {
    let layout = read(bytes).unwrap();
    layout.seats().map(|seat| seat.number.as_str().to_owned()).collect()
}

/// The field of the one fault.
fn fault(text: &str) -> String {
    let faults = read(text.as_bytes()).unwrap_err();
    assert_eq!(faults.len(), 1, "{faults:?}");
    faults[0].0.clone()
}

#[test]
fn what_excel_libreoffice_and_google_sheets_write_is_read() {
    let wanted = ["Stalls-1-12", "Stalls-1-13", "Gallery-11-2"];
    let comma = "section,row,number,x,y,category,flags\nStalls,1,12,10,20,Gold,wheelchair aisle\n\
                 Stalls,1,13,20,20,Gold,\nGallery,11,2,30,20,Silver,";
    let files = [
        comma.to_owned(),
        comma.to_owned() + "\n",
        comma.replace('\n', "\r\n"),
        comma.replace(',', ";"),
        "\u{feff}".to_owned() + comma,
        "sep=;\r\n".to_owned() + &comma.replace(',', ";"),
        comma.to_owned() + "\n,,,,,,\n\n,,,,,,\n",
        comma.replace('\n', ",,\n"),
        comma.replace("Stalls", "\"Stalls\"").replace("Gold", "\" Gold \""),
        comma.replace("section,row", "Section, ROW "),
        comma
            .replace("category,flags", "flags,category")
            .replace("Gold,wheelchair aisle", "wheelchair aisle,Gold")
            .replace("Gold,\n", ",Gold\n")
            .replace("Silver,", ",Silver"),
    ];
    for file in files {
        assert_eq!(numbers(file.as_bytes()), wanted, "{file}");
        let layout = read(file.as_bytes()).unwrap();
        let first = layout.seats().next().unwrap();
        assert_eq!(
            (first.x, first.y, first.label, first.category),
            (10, 20, "12", "Gold"),
            "{file}"
        );
        assert!(first.flags.contains(Flag::Wheelchair) && first.flags.contains(Flag::Aisle));
    }
}

#[test]
fn both_encodings_are_read() {
    let text = format!("{HEADER}\nPärkett „links“,Ä,1,1,1,Säule €,\n");
    let wanted = ["Pärkett „links“-Ä-1"];
    assert_eq!(numbers(text.as_bytes()), wanted);
    assert_eq!(numbers(&WINDOWS_1252.encode(&text).0), wanted);
    let (utf16, broken): (Vec<u8>, _) =
        (text.encode_utf16().flat_map(u16::to_le_bytes).collect(), b"\xef\xbb\xbfsection\n\xff");
    assert_eq!(read(&[&[0xff, 0xfe], &utf16[..]].concat()).unwrap_err()[0].0, "line 1");
    assert_eq!(read(broken).unwrap_err()[0].0, "line 2");
}

#[test]
fn a_comma_may_stand_before_the_decimals_where_semicolons_separate() {
    let semicolons = HEADER.replace(',', ";") + "\nA;1;1;1,5;0;g;\nA;1;2;2,0;1E+01;g;\n";
    let layout = read(semicolons.as_bytes()).unwrap();
    let places: Vec<_> = layout.seats().map(|seat| (seat.x, seat.y)).collect();
    assert_eq!(places, [(2_000, 2_000), (6_800, 98_000)]);
    assert_eq!(fault(&format!("{HEADER}\nA,1,1,\"1,234\",0,g,\n")), "line 2, x");
    assert_eq!(fault(&(HEADER.replace(',', ";") + "\nA;1;1;1.234,5;0;g;\n")), "line 2, x");
}

#[test]
fn a_fault_is_named_by_line_and_column() {
    let good = "A,1,1,1,1,g,\nA,1,2,2,1,g,aisle\n";
    let cases = [
        ("A,1,3,,1,g,\n", "line 4, x"),
        ("A,1,3,1,twelve,g,\n", "line 4, y"),
        ("A,1,3,NaN,1,g,\n", "line 4, x"),
        ("A,1,3,inf,1,g,\n", "line 4, x"),
        ("A,1,3,1e300,1,g,\n", "line 4, x"),
        ("A,1,2,3,1,g,\n", "line 4, number"),
        ("A,1,,3,1,g,\n", "line 4, number"),
        (",1,3,3,1,g,\n", "line 4, section"),
        ("A,,3,3,1,g,\n", "line 4, row"),
        ("A,1,3,3,1,,\n", "line 4, category"),
        ("A,1,3,3,1,g,comfy\n", "line 4, flags"),
        ("A,1,3,3,1,g,aisle window,\n", ""),
        ("A,1,3,3,1,g,aisle,window\n", "line 4"),
        ("A,1,3\n", "line 4"),
        ("A,1,3,3,1,g\n", "line 4"),
        ("\"A,1,3,3,1,g,\nA,1,4,4,1,g,\n", "line 4"),
        ("A,12345678901234567,3,3,1,g,\n", "line 4, row"),
        ("A,1,\"3\n4\",3,1,g,\n", "line 4, number"),
        ("A,1,3\u{7},3,1,g,\n", "line 4, number"),
        ("\n,,,,,,\n\nA,1,3,3,1,x\u{85}y,\n", "line 7, category"),
    ];
    for (line, field) in cases {
        let file = format!("{HEADER}\n{good}{line}");
        for (file, sep) in [(file.clone(), 0), (format!("sep=,\n{file}"), 1)] {
            let wanted = field.replace("line 4", &format!("line {}", 4 + sep));
            let wanted = wanted.replace("line 7", &format!("line {}", 7 + sep));
            match field {
                "" => assert!(read(file.as_bytes()).is_ok()),
                _ => assert_eq!(fault(&file), wanted, "{file:?}"),
            }
        }
        if !field.is_empty() {
            let windows = file.replace('\n', "\r\n");
            assert_eq!(fault(&windows), field, "{windows:?}");
        }
    }
}

#[test]
fn a_wrong_header_is_named() {
    for text in [
        "",
        "\n\n",
        "section,row,number,x,y,category\n",
        "A,1,1,1,1,g,\n",
        "section,row,number,x,y,category,flags,price\n",
        "section,section,row,number,x,y,category,flags\n",
        "section\trow\tnumber\tx\ty\tcategory\tflags\n",
    ] {
        assert_eq!(read(text.as_bytes()).unwrap_err()[0].0, "line 1", "{text:?}");
    }
    assert_eq!(fault(&format!("{HEADER}\n")), "line 2");
}

#[test]
fn several_bad_lines_are_named_at_once() {
    let faults = read(format!("{HEADER}\nA,1,1,x,1,g,\nA,1,2,1,1,g,\nA,1,3,1,y,g,\n").as_bytes());
    let fields: Vec<_> = faults.unwrap_err().into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["line 2, x", "line 4, y"]);
    let many = format!("{HEADER}\n{}", "A,1,1,x,1,g,\n".repeat(100));
    assert_eq!(read(many.as_bytes()).unwrap_err().len(), 20);
}

#[test]
fn a_plan_has_at_most_50000_seats_and_500_sections() {
    let seats = |n: usize| {
        let line =
            |i: usize| format!("S{},{},{},{},{},g,\n", i % 20, i / 1000, i, i % 1000, i / 1000);
        HEADER.to_owned() + "\n" + &(0..n).map(line).collect::<String>()
    };
    assert_eq!(read(seats(50_000).as_bytes()).unwrap().len(), 50_000);
    assert_eq!(fault(&seats(50_001)), "line 50002");
    let sections = |n: usize| {
        HEADER.to_owned()
            + "\n"
            + &(0..n).map(|i| format!("S{i},1,1,{i},0,g,\n")).collect::<String>()
    };
    assert!(read(sections(500).as_bytes()).is_ok());
    assert_eq!(fault(&sections(501)), "line 502");
}

#[test]
fn seats_of_one_row_come_together_and_rows_of_two_sections_stay_apart() {
    let file = format!("{HEADER}\nA,1,1,1,1,g,\nB,1,1,1,9,g,\nA,1,2,2,1,h,\nA,2,1,1,2,g,\n");
    let layout = read(file.as_bytes()).unwrap();
    let rows: Vec<_> = layout.seats().map(|seat| (seat.number.as_str(), seat.row_index)).collect();
    assert_eq!(rows, [("A-1-1", 0), ("A-1-2", 0), ("A-2-1", 1), ("B-1-1", 2)]);
    let categories: Vec<_> = layout.seats().map(|seat| seat.category).collect();
    assert_eq!(categories, ["g", "h", "g", "g"]);
}
