//! The where clause of the generated impl.

use syn::{Generics, parse_quote};

/// Every type parameter must be syncable, and the type must have serde's traits.
pub(crate) fn with_bounds(generics: &Generics) -> Generics {
    let mut bounded = generics.clone();
    let parameters: Vec<_> = generics.type_params().map(|parameter| parameter.ident.clone()).collect();
    if parameters.is_empty() {
        return bounded;
    }
    let clause = bounded.make_where_clause();
    for parameter in parameters {
        clause.predicates.push(parse_quote!(#parameter: ::ssync::Syncable));
    }
    clause.predicates.push(parse_quote!(Self: ::ssync::__private::Serialize + ::ssync::__private::DeserializeOwned));
    bounded
}
