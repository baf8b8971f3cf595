// One filter, as a program for each kind of packet that a capture holds.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bpfc/capture_types.h"
#include "bpfc/verify.h"
#include "cli/command.h"

namespace bpfc::cli {

// Compiles the filter when the first packet of a link type (and byte order, and snaplen) comes,
// once for each.
class FilterPrograms {
 public:
  FilterPrograms(const FilterOptions& options, FilterText text, Rules rules, Terminal& terminal)
      : options_(options), text_(std::move(text)), rules_(rules), terminal_(terminal) {}

  // Null: the filter does not compile for it; what is wrong has been said.
  const VerifiedProgram* find(std::uint16_t link_type, bool swapped, std::uint32_t snaplen);

  const FilterText& text() const { return text_; }

 private:
  struct Entry {
    std::uint16_t link_type;
    bool swapped;
    std::uint32_t snaplen;
    std::unique_ptr<VerifiedProgram> program;
  };

  const FilterOptions& options_;
  FilterText text_;
  Rules rules_;
  Terminal& terminal_;
  std::vector<Entry> entries_;
};

}  // namespace bpfc::cli
