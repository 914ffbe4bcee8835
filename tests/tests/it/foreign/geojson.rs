//! `geojson` 1.0.0: `FeatureCollection` (struct `tag`, `from`/`try_from`, flattened foreign
//! members and a flattened tagged enum, a hand-written `Deserialize` of coordinates, an untagged
//! id, nulls which are written).

use ::geojson::{FeatureCollection, Geometry, GeometryValue, JsonObject, Position, feature::Id};

pub(super) type T = FeatureCollection;
pub(super) type Edit = (&'static str, fn(&mut T));

const TEXT: &str = r#"{
  "type": "FeatureCollection",
  "bbox": [11.5, 48.0, 11.75, 48.25],
  "features": [
    {
      "type": "Feature",
      "id": "station-7",
      "geometry": { "type": "Point", "coordinates": [11.5583, 48.1402, 519.0] },
      "properties": {
        "name": "Hauptbahnhof",
        "platforms": 34,
        "closed": null,
        "lines": ["S1", "S2", "U4"],
        "address": { "street": "Bayerstrasse", "number": 10 }
      }
    },
    {
      "type": "Feature",
      "id": 42,
      "bbox": [11.55, 48.13, 11.58, 48.14],
      "geometry": {
        "type": "LineString",
        "coordinates": [[11.5583, 48.1402], [11.5655, 48.1391], [11.5755, 48.1371]],
        "accuracy": 2.5
      },
      "properties": { "name": "Stammstrecke", "tracks": 2, "electrified": true }
    },
    {
      "type": "Feature",
      "geometry": {
        "type": "Polygon",
        "coordinates": [
          [[11.5, 48.0], [11.75, 48.0], [11.75, 48.25], [11.5, 48.25], [11.5, 48.0]],
          [[11.6, 48.1], [11.6, 48.2], [11.7, 48.2], [11.6, 48.1]]
        ]
      },
      "properties": null
    },
    {
      "type": "Feature",
      "id": "cluster",
      "geometry": {
        "type": "GeometryCollection",
        "geometries": [
          { "type": "Point", "coordinates": [11.6, 48.15] },
          { "type": "MultiPoint", "coordinates": [[11.61, 48.15], [11.62, 48.16]] }
        ]
      },
      "properties": { "count": 3 }
    },
    {
      "type": "Feature",
      "geometry": null,
      "properties": { "name": "Nowhere yet" },
      "style": { "colour": "red", "width": 1.5 }
    }
  ],
  "name": "munich",
  "source": { "authority": "MVV", "year": 2024, "layers": ["rail", "area"] }
}"#;

pub(super) fn sample() -> T {
    serde_json::from_str(TEXT).expect("the sample is a feature collection")
}

fn edit(name: &'static str, f: fn(&mut T)) -> Edit {
    (name, f)
}

fn geometry(doc: &mut T, feature: usize) -> &mut GeometryValue {
    let geometry = doc.features[feature].geometry.as_mut().expect("a geometry");
    &mut geometry.value
}

fn properties(doc: &mut T, feature: usize) -> &mut JsonObject {
    doc.features[feature].properties.as_mut().expect("properties")
}

pub(super) fn edits() -> Vec<Edit> {
    vec![
        edit("features[0].id: untagged enum, string -> number", |doc| {
            doc.features[0].id = Some(Id::Number(7_u32.into()));
        }),
        edit("features[0] point: the altitude, a number", |doc| match geometry(doc, 0) {
            GeometryValue::Point { coordinates } => coordinates[2] = 521.5,
            other => panic!("not a point: {other:?}"),
        }),
        edit("features[0].properties.address.number: deep in a map", |doc| {
            properties(doc, 0)["address"]["number"] = 12_u32.into();
        }),
        edit("features[0].properties.lines: remove from a list", |doc| {
            let lines = properties(doc, 0)["lines"].as_array_mut().expect("a list");
            lines.remove(0);
        }),
        edit("features[1] line: insert a position", |doc| match geometry(doc, 1) {
            GeometryValue::LineString { coordinates } => {
                coordinates.insert(1, Position::from([11.5625, 48.1396]));
            }
            other => panic!("not a line: {other:?}"),
        }),
        edit("features[2] geometry: flattened tagged enum, Polygon -> MultiPolygon", |doc| {
            let value = geometry(doc, 2);
            let GeometryValue::Polygon { coordinates } = value else {
                panic!("not a polygon");
            };
            let rings = std::mem::take(coordinates);
            *value = GeometryValue::MultiPolygon { coordinates: rings.into_iter().map(|ring| vec![ring]).collect() };
        }),
        edit("features[3] collection: push into an inner geometry", |doc| match geometry(doc, 3) {
            GeometryValue::GeometryCollection { geometries } => match &mut geometries[1].value {
                GeometryValue::MultiPoint { coordinates } => {
                    coordinates.push(Position::from([11.63, 48.17, 530.0]));
                }
                other => panic!("not a multi point: {other:?}"),
            },
            other => panic!("not a collection: {other:?}"),
        }),
        edit("features[4].geometry: None (null) -> Some", |doc| {
            assert!(doc.features[4].geometry.is_none());
            doc.features[4].geometry = Some(Geometry::new_point([11.7, 48.2]));
        }),
        edit("bbox: Some -> None", |doc| {
            assert!(doc.bbox.is_some());
            doc.bbox = None;
        }),
        edit("foreign members: a string and a new key at the top", |doc| {
            let members = doc.foreign_members.as_mut().expect("foreign members");
            members["name"] = "Munich, with suburbs".into();
            members.insert("licence".to_owned(), "CC-BY-4.0".into());
        }),
    ]
}
