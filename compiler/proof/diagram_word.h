// Words of 32 bits, each bit a decision diagram, and the machine's arithmetic on them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "proof/diagram.h"
#include "vm/arithmetic.h"

namespace bpfc::proof {

// From the lowest bit up.
using DiagramWord = std::array<Diagram, 32>;

DiagramWord constant_word(std::uint32_t value);
// None: it depends on something.
std::optional<std::uint32_t> constant_value(const DiagramWord& word);

// By a zero divisor the result means nothing.
DiagramWord compute(DiagramStore& store, Arithmetic arithmetic, const DiagramWord& left,
                    const DiagramWord& right, Rules rules);
Diagram compare(DiagramStore& store, Comparison comparison, const DiagramWord& left,
                const DiagramWord& right);
Diagram is_nonzero(DiagramStore& store, const DiagramWord& word);
DiagramWord choose(DiagramStore& store, Diagram condition, const DiagramWord& yes,
                   const DiagramWord& no);

// A value that a word may have, and when it has it.
struct WordValue {
  std::uint32_t value;
  Diagram condition;
};
// All values that it may have where `when` is true. False: they are more than `most`.
bool values_of(DiagramStore& store, const DiagramWord& word, Diagram when, std::size_t most,
               std::vector<WordValue>& values);

}  // namespace bpfc::proof
