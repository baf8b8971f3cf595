// `type`, `subtype` and `dir` of 802.11.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "compiler/any_case.h"
#include "compiler/link/wlan.h"
#include "compiler/named_number.h"

namespace bpfc {
namespace {

constexpr std::uint32_t kTypeMask = 0x0c;
constexpr std::uint32_t kSubtypeMask = 0xf0;
constexpr std::uint32_t kManagement = 0x00;
constexpr std::uint32_t kControl = 0x04;
constexpr std::uint32_t kData = 0x08;

constexpr std::array kTypes = {NamedNumber{"mgt", kManagement},
                               NamedNumber{"management", kManagement}, NamedNumber{"ctl", kControl},
                               NamedNumber{"control", kControl}, NamedNumber{"data", kData}};

constexpr std::array kDirections = {NamedNumber{"nods", 0}, NamedNumber{"tods", 1},
                                    NamedNumber{"fromds", 2}, NamedNumber{"dstods", 3}};

struct Subtype {
  std::string_view name;
  std::uint32_t type;
  std::uint32_t subtype;
};

// IEEE 802.11, table 9-1.
constexpr std::array kSubtypes = {
    Subtype{"assocreq", kManagement, 0x00},
    Subtype{"assoc-req", kManagement, 0x00},
    Subtype{"assocresp", kManagement, 0x10},
    Subtype{"assoc-resp", kManagement, 0x10},
    Subtype{"reassocreq", kManagement, 0x20},
    Subtype{"reassoc-req", kManagement, 0x20},
    Subtype{"reassocresp", kManagement, 0x30},
    Subtype{"reassoc-resp", kManagement, 0x30},
    Subtype{"probereq", kManagement, 0x40},
    Subtype{"probe-req", kManagement, 0x40},
    Subtype{"proberesp", kManagement, 0x50},
    Subtype{"probe-resp", kManagement, 0x50},
    Subtype{"beacon", kManagement, 0x80},
    Subtype{"atim", kManagement, 0x90},
    Subtype{"disassoc", kManagement, 0xa0},
    Subtype{"disassociation", kManagement, 0xa0},
    Subtype{"auth", kManagement, 0xb0},
    Subtype{"authentication", kManagement, 0xb0},
    Subtype{"deauth", kManagement, 0xc0},
    Subtype{"deauthentication", kManagement, 0xc0},
    Subtype{"bar", kControl, 0x80},
    Subtype{"ba", kControl, 0x90},
    Subtype{"ps-poll", kControl, 0xa0},
    Subtype{"rts", kControl, 0xb0},
    Subtype{"cts", kControl, 0xc0},
    Subtype{"ack", kControl, 0xd0},
    Subtype{"cf-end", kControl, 0xe0},
    Subtype{"cf-end-ack", kControl, 0xf0},
    Subtype{"data", kData, 0x00},
    Subtype{"data-cf-ack", kData, 0x10},
    Subtype{"data-cf-poll", kData, 0x20},
    Subtype{"data-cf-ack-poll", kData, 0x30},
    Subtype{"null", kData, 0x40},
    Subtype{"cf-ack", kData, 0x50},
    Subtype{"cf-poll", kData, 0x60},
    Subtype{"cf-ack-poll", kData, 0x70},
    Subtype{"qos-data", kData, 0x80},
    Subtype{"qos-data-cf-ack", kData, 0x90},
    Subtype{"qos-data-cf-poll", kData, 0xa0},
    Subtype{"qos-data-cf-ack-poll", kData, 0xb0},
    Subtype{"qos", kData, 0xc0},
    Subtype{"qos-cf-poll", kData, 0xe0},
    Subtype{"qos-cf-ack-poll", kData, 0xf0},
};

[[noreturn]] void fail_unknown(Lowering& lowering, std::string_view what, SourceRange range,
                               std::string_view more = {}) {
  Lowering::fail(DiagnosticCode::kUnknownName, range,
                 fmt::format("unknown 802.11 {} '{}'{}", what, lowering.filter.text(range), more));
}

// A number that must be bits of the field.
std::uint32_t bits_of(const ast::NameOrNumber& value, std::uint32_t mask, std::string_view what,
                      std::string_view allowed) {
  if ((*value.number & ~mask) != 0) {
    Lowering::fail(DiagnosticCode::kTooLarge, value.text,
                   fmt::format("802.11 {} {} is not {}", what, *value.number, allowed));
  }
  return *value.number;
}

std::uint32_t type_of(Lowering& lowering, const ast::NameOrNumber& value) {
  if (value.number) return bits_of(value, kTypeMask, "type", "0, 4, 8 or 12");
  const std::string_view name = lowering.filter.text(value.text);
  const auto type = find_number_in_any_case(kTypes, name);
  if (!type) fail_unknown(lowering, "type", value.text);
  return *type;
}

// Of `type`, or, where that is none, of any.
Subtype subtype_of(Lowering& lowering, std::optional<std::uint32_t> type,
                   const ast::NameOrNumber& value) {
  if (value.number) {
    return {{},
            type.value_or(0),
            bits_of(value, kSubtypeMask, "subtype", "a multiple of 16 up to 240")};
  }
  const std::string_view name = lowering.filter.text(value.text);
  const auto* row = std::find_if(kSubtypes.begin(), kSubtypes.end(), [&](const Subtype& entry) {
    return (!type || entry.type == *type) && equal_in_any_case(entry.name, name);
  });
  if (row == kSubtypes.end()) {
    fail_unknown(lowering, "subtype", value.text, type ? " of that type" : "");
  }
  return *row;
}

std::uint32_t direction_of(Lowering& lowering, const ast::NameOrNumber& value) {
  constexpr std::uint32_t kLargest = 3;
  if (value.number) {
    Lowering::check_maximum(*value.number, kLargest, value.text, "802.11 direction");
    return *value.number;
  }
  const std::string_view name = lowering.filter.text(value.text);
  const auto direction = find_number_in_any_case(kDirections, name);
  if (!direction) fail_unknown(lowering, "direction", value.text);
  return *direction;
}

// `icmp type 8` asks for something else.
[[noreturn]] void fail_without_wlan(Lowering& lowering, const ast::Wlan& wlan, SourceRange range) {
  const bool icmp = wlan.protocol == ast::Protocol::kIcmp || wlan.protocol == ast::Protocol::kIcmp6;
  if (icmp && wlan.type && wlan.type->number && !wlan.subtype) {
    const std::string_view protocol = lowering.first_word(range);
    Lowering::fail(
        DiagnosticCode::kUnsupportedLinkType, range,
        fmt::format("'type' is that of 802.11, and not supported on {}", lowering.innermost_link()),
        lowering.with_replacement(
            range, fmt::format("{}[{}type] = {}", protocol, protocol, *wlan.type->number)));
  }
  lowering.fail_on_link_type(wlan.type ? "type" : (wlan.subtype ? "subtype" : "dir"), range,
                             "802.11");
}

}  // namespace

// Only what means the link layer, or nothing, may stand before the keyword.
ConditionIndex lower_wlan(Lowering& lowering, const ast::Wlan& wlan, SourceRange range) {
  constexpr std::uint32_t kFlags = 1;
  constexpr std::uint32_t kDirectionMask = 0x03;
  if (!lowering.link().is_wlan) fail_without_wlan(lowering, wlan, range);
  const bool of_the_link =
      wlan.protocol == ast::Protocol::kDefault || wlan.protocol == ast::Protocol::kLink;
  if (!of_the_link) {
    const std::string_view qualifier = lowering.first_word(range);
    Lowering::fail(
        DiagnosticCode::kInvalidQualifier, range,
        fmt::format("'{}' is not a valid qualifier of what 802.11 frames are asked", qualifier),
        lowering.with_replacement(
            {range.begin, range.begin + static_cast<std::uint32_t>(qualifier.size())}, "wlan"));
  }
  if (wlan.direction) {
    const std::uint32_t direction = direction_of(lowering, *wlan.direction);
    return lowering.equal(lowering.load_link(kFlags, 1), direction, kDirectionMask);
  }
  std::optional<std::uint32_t> type;
  if (wlan.type) type = type_of(lowering, *wlan.type);
  if (!wlan.subtype) return lowering.equal(lowering.load_link(0, 1), *type, kTypeMask);
  const Subtype subtype = subtype_of(lowering, type, *wlan.subtype);
  return lowering.equal(lowering.load_link(0, 1), subtype.type | subtype.subtype,
                        kTypeMask | kSubtypeMask);
}

}  // namespace bpfc
