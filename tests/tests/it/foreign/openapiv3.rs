//! `openapiv3` 2.2.0: `OpenAPI` (flatten nearly everywhere, extension maps with a predicate,
//! hand-written `Deserialize` of `ReferenceOr`, `SchemaKind` and `StatusCode` (a map key),
//! internally tagged, untagged and flattened external enums, `IndexMap`).

use ::openapiv3::{
    APIKeyLocation, AdditionalProperties, CookieStyle, ExternalDocumentation, OpenAPI, Operation, Parameter, PathItem, ReferenceOr,
    Response, Schema, SchemaKind, SecurityScheme, StatusCode, Type,
};

pub(super) type T = OpenAPI;
pub(super) type Edit = (&'static str, fn(&mut T));

const TEXT: &str = r##"{
  "openapi": "3.0.3",
  "info": {
    "title": "Parcel tracking",
    "description": "Where is my parcel?",
    "termsOfService": "https://parcels.example/terms",
    "contact": { "name": "API team", "email": "api@parcels.example", "x-chat": "#parcels" },
    "license": { "name": "MIT" },
    "version": "1.4.0",
    "x-audience": { "kind": "public", "regions": ["eu", "us"] }
  },
  "servers": [
    {
      "url": "https://{region}.parcels.example/v1",
      "variables": {
        "region": { "enum": ["eu", "us"], "default": "eu", "description": "Data centre" }
      }
    }
  ],
  "security": [{ "token": [] }],
  "tags": [{ "name": "parcels", "externalDocs": { "url": "https://docs.parcels.example" } }],
  "paths": {
    "/parcels": {
      "get": {
        "tags": ["parcels"],
        "operationId": "listParcels",
        "parameters": [
          {
            "name": "limit", "in": "query", "allowEmptyValue": false,
            "schema": { "type": "integer", "format": "int32", "minimum": 1, "maximum": 100, "default": 20 }
          },
          { "$ref": "#/components/parameters/Trace" }
        ],
        "responses": {
          "200": {
            "description": "A page of parcels",
            "content": {
              "application/json": {
                "schema": { "type": "array", "items": { "$ref": "#/components/schemas/Parcel" }, "maxItems": 100 }
              }
            }
          },
          "4XX": { "$ref": "#/components/responses/Problem" }
        }
      },
      "post": {
        "operationId": "sendParcel",
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {
              "schema": { "$ref": "#/components/schemas/Parcel" },
              "example": { "id": "p-1", "weight": 2.5 }
            }
          }
        },
        "responses": {
          "201": {
            "description": "Accepted",
            "headers": { "Location": { "required": true, "schema": { "type": "string" } } },
            "links": { "track": { "operationId": "getParcel", "parameters": { "id": "$response.body#/id" } } }
          },
          "default": { "$ref": "#/components/responses/Problem" }
        }
      }
    },
    "x-reviewed": "2024-05-01"
  },
  "components": {
    "schemas": {
      "Parcel": {
        "type": "object",
        "required": ["id", "weight"],
        "properties": {
          "id": { "type": "string", "pattern": "^p-[0-9]+$" },
          "weight": { "type": "number", "format": "double", "minimum": 0.5, "nullable": true },
          "state": { "type": "string", "enum": ["queued", "moving", null] },
          "payload": {
            "oneOf": [
              { "$ref": "#/components/schemas/Letter" },
              { "type": "object", "additionalProperties": { "type": "string" } }
            ],
            "discriminator": { "propertyName": "kind", "mapping": { "letter": "#/components/schemas/Letter" } }
          }
        },
        "additionalProperties": false
      },
      "Letter": { "title": "Letter", "allOf": [{ "type": "object", "properties": { "pages": { "type": "integer" } } }] }
    },
    "responses": { "Problem": { "description": "Something is wrong" } },
    "parameters": {
      "Trace": { "name": "X-Trace", "in": "header", "style": "simple", "schema": { "type": "string", "format": "uuid" } }
    },
    "securitySchemes": { "token": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" } }
  },
  "x-generated": false
}"##;

pub(super) fn sample() -> T {
    serde_json::from_str(TEXT).expect("the sample is an OpenAPI document")
}

fn edit(name: &'static str, f: fn(&mut T)) -> Edit {
    (name, f)
}

fn list_parcels(doc: &mut T) -> &mut Operation {
    match doc.paths.paths.get_mut("/parcels") {
        Some(ReferenceOr::Item(item)) => item.get.as_mut().expect("get /parcels"),
        _ => panic!("no path item /parcels"),
    }
}

fn parcel(doc: &mut T) -> &mut ::openapiv3::ObjectType {
    let components = doc.components.as_mut().expect("components");
    match components.schemas.get_mut("Parcel") {
        Some(ReferenceOr::Item(schema)) => match &mut schema.schema_kind {
            SchemaKind::Type(Type::Object(object)) => object,
            other => panic!("Parcel is not an object: {other:?}"),
        },
        _ => panic!("no schema Parcel"),
    }
}

fn property<'a>(doc: &'a mut T, name: &str) -> &'a mut Schema {
    match parcel(doc).properties.get_mut(name) {
        Some(ReferenceOr::Item(schema)) => schema,
        _ => panic!("no property {name}"),
    }
}

pub(super) fn edits() -> Vec<Edit> {
    vec![
        edit("info.contact.email: Some -> None", |doc| {
            doc.info.contact.as_mut().expect("contact").email = None;
        }),
        edit("info.x-audience.regions: insert into a list", |doc| {
            let audience = doc.info.extensions.get_mut("x-audience").expect("x-audience");
            let regions = audience["regions"].as_array_mut().expect("a list");
            regions.insert(1, "jp".into());
        }),
        edit("paths: a new map entry with a new operation", |doc| {
            let mut operation = Operation { operation_id: Some("getParcel".to_owned()), deprecated: true, ..Default::default() };
            operation.responses.responses.insert(
                StatusCode::Code(410),
                ReferenceOr::Item(Response { description: "Delivered long ago".to_owned(), ..Default::default() }),
            );
            let item = PathItem { get: Some(operation), ..Default::default() };
            doc.paths.paths.insert("/parcels/{id}".to_owned(), ReferenceOr::Item(item));
        }),
        edit("get parameters[0]: tagged enum, query -> cookie", |doc| match &mut list_parcels(doc).parameters[0] {
            ReferenceOr::Item(parameter) => {
                let parameter_data = parameter.parameter_data_ref().clone();
                *parameter = Parameter::Cookie { parameter_data, style: CookieStyle::Form };
            }
            other => panic!("not inline: {other:?}"),
        }),
        edit("get responses[4XX]: untagged enum, $ref -> inline", |doc| {
            let response = Response { description: "You are wrong".to_owned(), ..Default::default() };
            let old = list_parcels(doc).responses.responses.insert(StatusCode::Range(4), ReferenceOr::Item(response));
            assert!(old.is_some());
        }),
        edit("Parcel.weight.minimum: a number", |doc| match &mut property(doc, "weight").schema_kind {
            SchemaKind::Type(Type::Number(number)) => number.minimum = Some(0.25),
            other => panic!("not a number: {other:?}"),
        }),
        edit("Parcel.payload: schema kind, oneOf -> anyOf", |doc| {
            let kind = &mut property(doc, "payload").schema_kind;
            let SchemaKind::OneOf { one_of } = kind else {
                panic!("not oneOf");
            };
            let choices = std::mem::take(one_of);
            *kind = SchemaKind::AnyOf { any_of: choices };
        }),
        edit("Parcel.additionalProperties: false -> a schema", |doc| {
            let schema = Schema { schema_data: Default::default(), schema_kind: SchemaKind::Type(Type::String(Default::default())) };
            parcel(doc).additional_properties = Some(AdditionalProperties::Schema(Box::new(ReferenceOr::Item(schema))));
        }),
        edit("securitySchemes.token: tagged enum, http -> apiKey", |doc| {
            let components = doc.components.as_mut().expect("components");
            let scheme = components.security_schemes.get_mut("token").expect("token");
            *scheme = ReferenceOr::Item(SecurityScheme::APIKey {
                location: APIKeyLocation::Header,
                name: "X-Key".to_owned(),
                description: Some("Ask the API team".to_owned()),
                extensions: Default::default(),
            });
        }),
        edit("externalDocs: None -> Some", |doc| {
            assert!(doc.external_docs.is_none());
            doc.external_docs = Some(ExternalDocumentation { url: "https://docs.parcels.example/v1".to_owned(), ..Default::default() });
        }),
    ]
}
