// How C writes what instructions do. Values are uint32_t.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "vm/arithmetic.h"

namespace bpfc {

// `+`; none for kNegate.
std::string_view symbol(Arithmetic arithmetic);

// `a == 0x800u`, or with `holds` false its contrary.
std::string condition_text(Comparison comparison, std::string_view left, std::string_view right,
                           bool holds);

// What a comparison with this constant on the right says of every value: compilers warn of such.
std::optional<bool> decided(Comparison comparison, std::uint32_t right);

// `(uint32_t)packet[12] << 8 | packet[13]`: `size` bytes at the variable `first`, or, where that is
// empty, at `offset`. On two lines where there are four.
std::string bytes_text(std::string_view first, std::uint32_t offset, unsigned size);

// The text as it may stand in a comment: on one line, without the marks of comments.
std::string comment_text(std::string_view text);

}  // namespace bpfc
