// Text to tree: the first stage.
#pragma once

#include <cstddef>
#include <string_view>

#include "bpfc/diagnostic.h"
#include "bpfc/expected.h"
#include "grammar/ast.h"

namespace bpfc::grammar {

// Open parentheses, `not`s and minus signs around any one point of the text, together.
inline constexpr std::uint32_t kMaxNesting = 20'000;
// Bytes of text.
inline constexpr std::size_t kMaxSource = std::size_t{256} << 20U;

// Parses a filter expression (pcap-filter(7)). Time and memory are linear in the text. Whatever
// stands in the text, the outcome is a tree or a diagnostic. Thread-safe.
//
// The tree knows the shape only: whether an address is well formed, a name known, a qualifier
// applicable or a number within its field is for the compiler to say. Qualifiers that an identifier
// inherits from the text before it are already filled in.
Expected<ast::Filter, Diagnostic> parse(std::string_view source);

}  // namespace bpfc::grammar
