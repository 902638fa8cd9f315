//! The API's XML as `aws --output text` prints it: one line an object, its values in the order of their names, between tabs.

use primacy_core::order;

use super::json::{Element, LISTS};

/// An operation's result; nothing for an empty one.
pub(super) fn print(result: Option<&Element>) -> String {
    let mut out = String::new();
    if let Some(result) = result {
        object(&mut out, result, "", None);
    }
    out.truncate(out.trim_end().len());
    out
}

/// `columns`: the names of all values that the list's items have; one that lacks a value leaves its column empty.
fn object(out: &mut String, element: &Element, name: &str, columns: Option<&[String]>) {
    let own = names(element);
    let columns = columns.unwrap_or(&own);
    if !columns.is_empty() {
        let value = |column: &String| element.child(column).map_or(String::new(), shown);
        let head = Some(name.to_ascii_uppercase()).filter(|name| !name.is_empty());
        let line: Vec<String> = head.into_iter().chain(columns.iter().map(value)).collect();
        out.push_str(&line.join("\t"));
        out.push('\n');
    }
    let mut nested: Vec<&Element> = element.children.iter().filter(|child| !is_scalar(child)).collect();
    order::sort_by(&mut nested, |a, b| a.name < b.name);
    for child in nested {
        if LISTS.contains(&child.name.as_str()) {
            list(out, child);
        } else {
            object(out, child, &child.name, None);
        }
    }
}

fn list(out: &mut String, element: &Element) {
    let mut columns: Vec<String> = element.children.iter().flat_map(names).collect();
    order::sort(&mut columns);
    columns.dedup();
    for item in &element.children {
        if item.children.is_empty() {
            out.push_str(&format!("{}\t{}\n", element.name.to_ascii_uppercase(), item.text));
        } else {
            object(out, item, &element.name, Some(&columns));
        }
    }
}

fn names(element: &Element) -> Vec<String> {
    let mut names: Vec<String> =
        element.children.iter().filter(|child| is_scalar(child)).map(|child| child.name.clone()).collect();
    order::sort(&mut names);
    names
}

fn is_scalar(element: &Element) -> bool {
    let holds_others = LISTS.contains(&element.name.as_str()) || element.name == "PendingModifiedValues";
    element.children.is_empty() && !holds_others
}

/// Python's words for truth, as `aws` has them.
fn shown(element: &Element) -> String {
    match element.text.as_str() {
        "true" => "True".to_owned(),
        "false" => "False".to_owned(),
        text => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::json::tree;
    use super::*;

    #[test]
    fn an_object_is_a_line_and_a_list_has_one_set_of_columns() {
        let xml = "<R><B>2</B><A>true</A><Events><Event><Y>y</Y><X>x</X></Event><Event><X>z</X></Event></Events>\
                   <MemberClusters><ClusterId>m-001</ClusterId></MemberClusters></R>";
        let expected = "True\t2\nEVENTS\tx\ty\nEVENTS\tz\t\nMEMBERCLUSTERS\tm-001";
        assert_eq!(print(tree(xml).as_ref()), expected);
        assert_eq!(print(tree("<R></R>").as_ref()), "");
    }
}
