// A tree as text, for people: `bpfc --dump=ast`.
#pragma once

#include <string>

#include "grammar/ast.h"

namespace bpfc::grammar {

// One node a line, parents before children, children indented below and in the order of the text:
//
//   1-27 chain
//     1-11 tcp port number 80
//     or 16-18 tcp port number 443 (inherited)
//     and 24-27 icmp
//
// Before what a node is stand the first and the last byte that it was written in, counted from 1 as
// in a diagnostic. Below 32 levels the indentation stays and the depth stands in brackets. Empty
// for the empty filter; otherwise every line ends with a line break. Time and memory are linear in
// the text of the filter, whatever its depth. Thread-safe.
std::string print(const ast::Filter& filter);

// As they are written; empty: none is. Static storage.
std::string_view direction_word(ast::Direction direction);
std::string_view type_word(ast::AddressType type);

}  // namespace bpfc::grammar
