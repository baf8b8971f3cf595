#include "compiler/link/pflog.h"

#include <fmt/format.h>

#include <array>
#include <span>

#include "compiler/named_number.h"

namespace bpfc {
namespace {

// Offsets in the header.
constexpr std::uint32_t kLengthField = 0;
constexpr std::uint32_t kActionField = 2;
constexpr std::uint32_t kReasonField = 3;
constexpr std::uint32_t kInterfaceField = 4;
constexpr std::uint32_t kRulesetField = 20;
constexpr std::uint32_t kRuleField = 36;
constexpr std::uint32_t kSubruleField = 40;
constexpr std::size_t kNameLength = 15;

// net/pfvar.h: PFRES_*.
constexpr std::array kReasons = {NamedNumber{"match", 0},           NamedNumber{"bad-offset", 1},
                                 NamedNumber{"fragment", 2},        NamedNumber{"short", 3},
                                 NamedNumber{"normalize", 4},       NamedNumber{"memory", 5},
                                 NamedNumber{"bad-timestamp", 6},   NamedNumber{"congestion", 7},
                                 NamedNumber{"ip-option", 8},       NamedNumber{"proto-cksum", 9},
                                 NamedNumber{"state-mismatch", 10}, NamedNumber{"state-insert", 11},
                                 NamedNumber{"state-limit", 12},    NamedNumber{"src-limit", 13},
                                 NamedNumber{"synproxy", 14}};

// PF_PASS, PF_DROP...
constexpr std::array kActions = {
    NamedNumber{"pass", 0},          NamedNumber{"accept", 0}, NamedNumber{"drop", 1},
    NamedNumber{"block", 1},         NamedNumber{"scrub", 2},  NamedNumber{"noscrub", 3},
    NamedNumber{"nat", 4},           NamedNumber{"nonat", 5},  NamedNumber{"binat", 6},
    NamedNumber{"nobinat", 7},       NamedNumber{"rdr", 8},    NamedNumber{"nordr", 9},
    NamedNumber{"synproxy-drop", 10}};

std::uint32_t number_of(Lowering& lowering, const ast::NameOrNumber& value,
                        std::span<const NamedNumber> names, std::string_view what) {
  if (value.number) return *value.number;
  const std::string_view name = lowering.filter.text(value.text);
  const auto number = find_number_in_any_case(names, name);
  if (!number) {
    Lowering::fail(DiagnosticCode::kUnknownName, value.text,
                   fmt::format("unknown pf {} '{}'", what, name));
  }
  return *number;
}

ConditionIndex field_is(Lowering& lowering, std::uint32_t offset, std::uint8_t size,
                        std::uint32_t number) {
  return lowering.equal(lowering.load_link(offset, size), number);
}

// The field starts with the name.
ConditionIndex name_is(Lowering& lowering, std::uint32_t offset, const ast::NameOrNumber& value,
                       std::string_view what) {
  const std::string_view name = lowering.filter.text(value.text);
  if (name.size() > kNameLength) {
    Lowering::fail(DiagnosticCode::kTooLarge, value.text,
                   fmt::format("a pf {} has at most {} characters", what, kNameLength));
  }
  const std::vector<std::uint8_t> bytes(name.begin(), name.end());
  return lowering.equal_bytes(lowering.context.link_header.plus(offset), bytes);
}

ConditionIndex field_says(Lowering& lowering, const ast::Pflog& pflog) {
  switch (pflog.field) {
    case ast::PflogField::kInterface:
      return name_is(lowering, kInterfaceField, pflog.value, "interface name");
    case ast::PflogField::kRuleset:
      return name_is(lowering, kRulesetField, pflog.value, "ruleset name");
    case ast::PflogField::kRule:
      return field_is(lowering, kRuleField, 4, *pflog.value.number);
    case ast::PflogField::kSubrule:
      return field_is(lowering, kSubruleField, 4, *pflog.value.number);
    case ast::PflogField::kReason:
      return field_is(lowering, kReasonField, 1,
                      number_of(lowering, pflog.value, kReasons, "reason"));
    case ast::PflogField::kAction:
      break;
  }
  return field_is(lowering, kActionField, 1, number_of(lowering, pflog.value, kActions, "action"));
}

}  // namespace

ConditionIndex find_pflog_payload(Lowering& lowering, std::uint32_t cell) {
  auto& values = lowering.graph.values;
  const ir::ValueIndex length = values.load(1, ir::kNoValue, kLengthField);
  const ir::ValueIndex rounded =
      values.alu(Arithmetic::kAnd, values.alu(Arithmetic::kAdd, length, lowering.constant(3)),
                 lowering.constant(~3U));
  return lowering.conditions.assign(cell, rounded);
}

ConditionIndex lower_pflog(Lowering& lowering, const ast::Pflog& pflog, SourceRange range) {
  if (!lowering.link().is_pflog)
    lowering.fail_on_link_type(lowering.first_word(range), range, "PFLOG");
  return field_says(lowering, pflog);
}

}  // namespace bpfc
