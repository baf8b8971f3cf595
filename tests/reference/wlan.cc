#include "tests/reference/wlan.h"

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "tests/reference/link_address.h"
#include "tests/reference/lower_case.h"

namespace bpfc::reference {

namespace {

using ast::Direction;

// Bits of the first byte of the frame control field.
constexpr std::uint32_t kControlBit = 0x04;
constexpr std::uint32_t kDataBit = 0x08;
constexpr std::uint32_t kTypeMask = 0x0c;
constexpr std::uint32_t kSubtypeMask = 0xf0;
constexpr std::uint32_t kManagement = 0x00;
constexpr std::uint32_t kControl = 0x04;
constexpr std::uint32_t kData = 0x08;
constexpr std::uint32_t kCts = 0xc0;
constexpr std::uint32_t kAck = 0xd0;
// Of the second.
constexpr std::uint32_t kToDs = 0x01;
constexpr std::uint32_t kFromDs = 0x02;
constexpr std::uint32_t kDsMask = 0x03;
// Where the addresses are.
constexpr std::uint32_t kAddress1 = 4;
constexpr std::uint32_t kAddress2 = 10;
constexpr std::uint32_t kAddress3 = 16;
constexpr std::uint32_t kAddress4 = 24;

Condition is_set(Place header, std::uint32_t byte, std::uint32_t bit) {
  return equals(header.plus(byte), kByte, bit, bit);
}

Condition is_clear(Place header, std::uint32_t byte, std::uint32_t bit) {
  return equals(header.plus(byte), kByte, 0, bit);
}

Condition has_type(Place header, std::uint32_t type) {
  return equals(header, kByte, type, kTypeMask);
}

// What is asked of the address field at an offset.
using AddressTest = std::function<Condition(std::uint32_t offset)>;

Condition at_source(Place header, const AddressTest& test) {
  return all_of(
      {is_clear(header, 0, kControlBit),
       any_of({all_of({is_clear(header, 0, kDataBit), test(kAddress2)}),
               all_of({is_set(header, 0, kDataBit),
                       any_of({all_of({is_clear(header, 1, kFromDs), test(kAddress2)}),
                               all_of({is_set(header, 1, kFromDs), is_clear(header, 1, kToDs),
                                       test(kAddress3)}),
                               all_of({is_set(header, 1, kFromDs), is_set(header, 1, kToDs),
                                       test(kAddress4)})})})})});
}

Condition at_destination(Place header, const AddressTest& test) {
  return all_of(
      {is_clear(header, 0, kControlBit),
       any_of({all_of({is_clear(header, 0, kDataBit), test(kAddress1)}),
               all_of({is_set(header, 0, kDataBit),
                       any_of({all_of({is_clear(header, 1, kToDs), test(kAddress1)}),
                               all_of({is_set(header, 1, kToDs), test(kAddress3)})})})})});
}

// Control frames that end after their first address.
Condition has_one_address(Place header) {
  return all_of({has_type(header, kControl), any_of({equals(header, kByte, kCts, kSubtypeMask),
                                                     equals(header, kByte, kAck, kSubtypeMask)})});
}

const std::map<std::string, std::uint32_t> kTypes{{"mgt", kManagement},
                                                  {"management", kManagement},
                                                  {"ctl", kControl},
                                                  {"control", kControl},
                                                  {"data", kData}};

// By type.
const std::map<std::uint32_t, std::map<std::string, std::uint32_t>> kSubtypes{
    {kManagement, {{"assoc-req", 0x00},    {"assocreq", 0x00},
                   {"assoc-resp", 0x10},   {"assocresp", 0x10},
                   {"reassoc-req", 0x20},  {"reassocreq", 0x20},
                   {"reassoc-resp", 0x30}, {"reassocresp", 0x30},
                   {"probe-req", 0x40},    {"probereq", 0x40},
                   {"probe-resp", 0x50},   {"proberesp", 0x50},
                   {"beacon", 0x80},       {"atim", 0x90},
                   {"disassoc", 0xa0},     {"disassociation", 0xa0},
                   {"auth", 0xb0},         {"authentication", 0xb0},
                   {"deauth", 0xc0},       {"deauthentication", 0xc0}}},
    {kControl,
     {{"bar", 0x80},
      {"ba", 0x90},
      {"ps-poll", 0xa0},
      {"rts", 0xb0},
      {"cts", kCts},
      {"ack", kAck},
      {"cf-end", 0xe0},
      {"cf-end-ack", 0xf0}}},
    {kData,
     {{"data", 0x00},
      {"data-cf-ack", 0x10},
      {"data-cf-poll", 0x20},
      {"data-cf-ack-poll", 0x30},
      {"null", 0x40},
      {"cf-ack", 0x50},
      {"cf-poll", 0x60},
      {"cf-ack-poll", 0x70},
      {"qos-data", 0x80},
      {"qos-data-cf-ack", 0x90},
      {"qos-data-cf-poll", 0xa0},
      {"qos-data-cf-ack-poll", 0xb0},
      {"qos", 0xc0},
      {"qos-cf-poll", 0xe0},
      {"qos-cf-ack-poll", 0xf0}}},
};

const std::map<std::string, std::uint32_t> kDirections{
    {"nods", 0}, {"tods", kToDs}, {"fromds", kFromDs}, {"dstods", kDsMask}};

std::uint32_t look_up(const std::map<std::string, std::uint32_t>& names, const std::string& name) {
  const auto found = names.find(name);
  if (found == names.end()) {
    throw Refused{"unknown 802.11 name '" + name + "'"};
  }
  return found->second;
}

// A name of the table, or a number with no other bits than the mask's.
std::uint32_t value_of(const Scope& scope, const ast::NameOrNumber& written,
                       const std::map<std::string, std::uint32_t>& names, std::uint32_t mask) {
  if (!written.number) {
    return look_up(names, lower_case(scope.filter.text(written.text)));
  }
  if ((*written.number & ~mask) != 0) {
    throw Refused{"invalid 802.11 value " + std::to_string(*written.number)};
  }
  return *written.number;
}

// Without a type in front, the subtype's name says which it is.
Condition subtype_alone(const Scope& scope, const ast::NameOrNumber& written) {
  const std::string name = lower_case(scope.filter.text(written.text));
  for (const auto& [type, names] : kSubtypes) {
    if (names.count(name) != 0) {
      return equals(scope.link_header(), kByte, type | names.at(name), kTypeMask | kSubtypeMask);
    }
  }
  throw Refused{"unknown 802.11 subtype '" + name + "'"};
}

}  // namespace

Condition is_wlan_data(const Scope& scope) {
  const Place header = scope.link_header();
  return all_of({is_clear(header, 0, kControlBit), is_set(header, 0, kDataBit)});
}

Condition wlan_host(const Scope& scope, const EthernetAddress& address, Direction direction) {
  const Place header = scope.link_header();
  const AddressTest is_address = [&](std::uint32_t offset) {
    return mac_at(header.plus(offset), address);
  };
  switch (direction) {
    case Direction::kReceiver:
      return all_of({is_set(header, 0, kDataBit), is_address(kAddress1)});
    case Direction::kTransmitter:
      return all_of(
          {is_set(header, 0, kDataBit), negation(has_one_address(header)), is_address(kAddress2)});
    case Direction::kAddress1:
      return is_address(kAddress1);
    case Direction::kAddress2:
      return all_of({negation(has_one_address(header)), is_address(kAddress2)});
    case Direction::kAddress3:
      return all_of({negation(has_type(header, kControl)), is_address(kAddress3)});
    case Direction::kAddress4:
      return all_of({equals(header.plus(1), kByte, kDsMask, kDsMask), is_address(kAddress4)});
    default:
      return by_direction(direction, at_source(header, is_address),
                          at_destination(header, is_address));
  }
}

Condition wlan_multicast(const Scope& scope) {
  const Place header = scope.link_header();
  return at_destination(
      header, [header](std::uint32_t offset) { return equals(header.plus(offset), kByte, 1, 1); });
}

Condition wlan(const Scope& scope, const ast::Wlan& wlan) {
  if (scope.headers.link != Link::kWlan) {
    throw Refused{"not an 802.11 link type"};
  }
  if (wlan.protocol != ast::Protocol::kDefault && wlan.protocol != ast::Protocol::kLink) {
    throw Refused{"only the link layer has types, subtypes and directions"};
  }
  const Place header = scope.link_header();
  if (wlan.direction) {
    return equals(header.plus(1), kByte, value_of(scope, *wlan.direction, kDirections, kDsMask),
                  kDsMask);
  }
  if (!wlan.type) {
    return subtype_alone(scope, *wlan.subtype);
  }
  const std::uint32_t type = value_of(scope, *wlan.type, kTypes, kTypeMask);
  if (!wlan.subtype) {
    return has_type(header, type);
  }
  const auto names = kSubtypes.find(type);
  static const std::map<std::string, std::uint32_t> kNoNames;
  const std::uint32_t subtype = value_of(
      scope, *wlan.subtype, names == kSubtypes.end() ? kNoNames : names->second, kSubtypeMask);
  return equals(header, kByte, type | subtype, kTypeMask | kSubtypeMask);
}

}  // namespace bpfc::reference
