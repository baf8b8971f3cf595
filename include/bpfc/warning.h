// The warnings: what compiles, and yet may not be what was meant.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

#include "bpfc/diagnostic.h"
#include "bpfc/visibility.h"

namespace BPFC_PUBLIC bpfc {

// A set of the codes whose names begin with kWarn.
class WarningSet {
 public:
  constexpr WarningSet() = default;
  constexpr WarningSet(std::initializer_list<DiagnosticCode> codes) {
    for (const DiagnosticCode code : codes) add(code);
  }

  constexpr void add(DiagnosticCode code) { bits_ |= bit(code); }
  constexpr void add(WarningSet other) { bits_ |= other.bits_; }
  constexpr void remove(WarningSet other) { bits_ &= ~other.bits_; }
  constexpr bool has(DiagnosticCode code) const { return (bits_ & bit(code)) != 0; }
  constexpr WarningSet without(WarningSet other) const {
    WarningSet rest = *this;
    rest.remove(other);
    return rest;
  }
  constexpr bool empty() const { return bits_ == 0; }

  friend constexpr bool operator==(WarningSet, WarningSet) = default;

 private:
  static constexpr std::uint64_t bit(DiagnosticCode code) {
    return std::uint64_t{1} << static_cast<unsigned>(code);
  }

  std::uint64_t bits_ = 0;
};

// Of what the compiler finds out anyway: these cost nothing.
inline constexpr WarningSet kFreeWarnings = {DiagnosticCode::kWarnRejectsAll,
                                             DiagnosticCode::kWarnProgramTooLong};

// Who wants to know.
enum class WarningLevel : std::uint8_t {
  kAlways,     // everyone: the program is of little use
  kUsual,      // a person: the filter probably does not mean what it seems to
  kOnRequest,  // who asks for it: true of very many filters
};

struct WarningKind {
  DiagnosticCode code;
  WarningLevel level;
  std::string_view about;  // what is warned of, for a list; no full stop
};

// All of them, in the order in which they are reported. name(kind.code) is what users call a kind.
// Static storage.
std::span<const WarningKind> warning_kinds();

// Null: no kind of warning is called so.
const WarningKind* find_warning(std::string_view name);

// The kinds of this level and of those before it.
WarningSet warnings_up_to(WarningLevel level);

}  // namespace bpfc
