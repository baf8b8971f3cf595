#include "tests/reference/signalling.h"

#include <string>
#include <vector>

#include "tests/reference/relation.h"

namespace bpfc::reference {

namespace {

using ast::AtmKind;
using ast::SignallingField;
using ast::Ss7Kind;

// From SUNATM's header; libpcap goes on from there when lane has moved the link header.
constexpr std::uint32_t kVpi = 1;
constexpr std::uint32_t kVci = 2;
constexpr std::uint32_t kMessageType = 9;

void require_atm(const Scope& scope) {
  if (scope.environment.link_type != LinkType::kSunAtm) {
    throw Refused{"not an ATM link type"};
  }
}

// A channel of the virtual path 0.
Condition channel(const Scope& scope, const std::vector<std::uint32_t>& circuits) {
  const Place header = scope.link_header();
  std::vector<Condition> any;
  any.reserve(circuits.size());
  for (const std::uint32_t circuit : circuits) {
    any.push_back(equals(header.plus(kVci), kHalf, circuit));
  }
  return all_of({equals(header.plus(kVpi), kByte, 0), any_of(any)});
}

// A Q.2931 message of those that set up, keep and take down a connection.
Condition message(const Scope& scope, const std::vector<std::uint32_t>& types) {
  std::vector<Condition> any;
  any.reserve(types.size());
  for (const std::uint32_t type : types) {
    any.push_back(equals(scope.link_header().plus(kMessageType), kByte, type));
  }
  return any_of(any);
}

constexpr std::uint32_t kMetac = 1;
constexpr std::uint32_t kBroadcast = 2;
constexpr std::uint32_t kOamSegment = 3;
constexpr std::uint32_t kOamEndToEnd = 4;
constexpr std::uint32_t kSignallingCircuit = 5;
constexpr std::uint32_t kIlmi = 16;

constexpr std::uint32_t kCallProceeding = 0x02;
constexpr std::uint32_t kSetup = 0x05;
constexpr std::uint32_t kConnect = 0x07;
constexpr std::uint32_t kConnectAck = 0x0f;
constexpr std::uint32_t kRelease = 0x4d;
constexpr std::uint32_t kReleaseDone = 0x5a;

// What follows is Ethernet behind LANE's two bytes; SUNATM's other kinds are no longer asked about.
Condition lane(Scope& scope) {
  constexpr std::uint32_t kFrame = 6;
  HeaderContext& headers = scope.headers;
  Condition is_lane = equals(scope.link_header(), kByte, 1, 0x0f);
  headers.after_lane = headers.link == Link::kSunAtm;
  headers.link = Link::kEthernet;
  headers.link_header = {kFrame};
  headers.type = {kFrame + 12};
  headers.payload = {kFrame + 14};
  headers.network = 0;
  headers.iso = 3;
  return is_lane;
}

// Where SS7's fields are.
struct Ss7Offsets {
  std::uint32_t length;
  std::uint32_t high_speed_length;
  std::uint32_t service;
  std::uint32_t routing;
};

Ss7Offsets ss7_offsets(const Scope& scope) {
  switch (scope.environment.link_type) {
    case LinkType::kMtp2:
      return {2, 4, 3, 4};
    case LinkType::kMtp2WithHeader:
      return {6, 8, 7, 8};
    case LinkType::kErf:
      return {22, 24, 23, 24};
    default:
      throw Refused{"not an SS7 link type"};
  }
}

// The service information octet and the routing label of high-speed links stand three bytes
// further on.
constexpr std::uint32_t kHighSpeed = 3;

// The routing label is a little-endian word: 14 bits of destination, 14 of origin, 4 of selection.
// libpcap takes the bits of a point code as they stand in the packet, the low ones first, and
// numbers in the same order, so `<` and `>` do not compare them as numbers.
std::uint32_t little_endian(std::uint32_t word) {
  return word << 24U | (word & 0xff00U) << 8U | (word >> 8U & 0xff00U) | word >> 24U;
}

std::uint32_t same_number(std::uint32_t number) { return number; }
std::uint32_t origin_bits(std::uint32_t number) { return little_endian(number << 14U); }
std::uint32_t destination_bits(std::uint32_t number) {
  return (number & 0xffU) << 8U | number >> 8U;
}

Value origin(Place label) {
  return [label](State& state) { return state.load(label, kWord) & 0x00c0ff0fU; };
}

// In the label's first half, and no more of it is loaded.
Value destination(Place label) {
  return [label](State& state) { return state.load(label, kHalf) & 0xff3fU; };
}

Value selection(Place label) {
  return [label](State& state) { return state.load(label.plus(3), kByte) >> 4U; };
}

Value field_at(Place place, std::uint32_t size) {
  return [place, size](State& state) { return state.load(place, size); };
}

struct Field {
  std::uint32_t maximum;
  Value value;
  std::uint32_t (*bits)(std::uint32_t number) = same_number;  // of a number to compare with
};

Field field_of(const Scope& scope, SignallingField field) {
  constexpr std::uint32_t kMaxPointCode = 16383;
  if (field == SignallingField::kVpi || field == SignallingField::kVci) {
    require_atm(scope);
    return field == SignallingField::kVpi
               ? Field{255, field_at(scope.link_header().plus(kVpi), kByte)}
               : Field{65535, field_at(scope.link_header().plus(kVci), kHalf)};
  }
  const Ss7Offsets offsets = ss7_offsets(scope);
  const Place service{offsets.service};
  const Place label{offsets.routing};
  switch (field) {
    case SignallingField::kSio:
      return {255, field_at(service, kByte)};
    case SignallingField::kHsio:
      return {255, field_at(service.plus(kHighSpeed), kByte)};
    case SignallingField::kOpc:
      return {kMaxPointCode, origin(label), origin_bits};
    case SignallingField::kHopc:
      return {kMaxPointCode, origin(label.plus(kHighSpeed)), origin_bits};
    case SignallingField::kDpc:
      return {kMaxPointCode, destination(label), destination_bits};
    case SignallingField::kHdpc:
      return {kMaxPointCode, destination(label.plus(kHighSpeed)), destination_bits};
    case SignallingField::kSls:
      return {15, selection(label)};
    case SignallingField::kHsls:
      return {15, selection(label.plus(kHighSpeed))};
    default:
      throw Refused{"unknown field"};
  }
}

// Fill-in, link status and message signal units by their length indicator.
Condition length_between(Place place, std::uint32_t size, std::uint32_t mask, std::uint32_t low,
                         std::uint32_t high) {
  return [=](State& state) {
    const std::uint32_t length = state.load(place, size) & mask;
    return length >= low && length <= high;
  };
}

}  // namespace

Condition atm(Scope& scope, const ast::Atm& atm) {
  require_atm(scope);
  switch (atm.kind) {
    case AtmKind::kLane:
      return lane(scope);
    case AtmKind::kMetac:
      return channel(scope, {kMetac});
    case AtmKind::kBcc:
      return channel(scope, {kBroadcast});
    case AtmKind::kOam:
    case AtmKind::kOamf4:
      return channel(scope, {kOamSegment, kOamEndToEnd});
    case AtmKind::kOamf4sc:
      return channel(scope, {kOamSegment});
    case AtmKind::kOamf4ec:
      return channel(scope, {kOamEndToEnd});
    case AtmKind::kSc:
      return channel(scope, {kSignallingCircuit});
    case AtmKind::kIlmic:
      return channel(scope, {kIlmi});
    case AtmKind::kConnectmsg:
      return all_of({channel(scope, {kSignallingCircuit}),
                     message(scope, {kReleaseDone, kRelease, kConnectAck, kConnect, kSetup,
                                     kCallProceeding})});
    case AtmKind::kMetaconnect:
      return all_of({channel(scope, {kMetac}),
                     message(scope, {kReleaseDone, kRelease, kConnect, kSetup, kCallProceeding})});
  }
  throw Refused{"unknown ATM keyword"};
}

Condition ss7(const Scope& scope, const ast::Ss7& ss7) {
  constexpr std::uint32_t kMask = 0x3f;
  constexpr std::uint32_t kLongestStatus = 2;
  // The high-speed length is nine bits at the top of a halfword.
  constexpr std::uint32_t kHighSpeedMask = 0xff80;
  constexpr std::uint32_t kHighSpeedUnit = 0x80;
  const Ss7Offsets offsets = ss7_offsets(scope);
  const Place length{offsets.length};
  const Place high_speed{offsets.high_speed_length};
  switch (ss7.kind) {
    case Ss7Kind::kFisu:
      return length_between(length, kByte, kMask, 0, 0);
    case Ss7Kind::kLssu:
      return length_between(length, kByte, kMask, 1, kLongestStatus);
    case Ss7Kind::kMsu:
      return length_between(length, kByte, kMask, kLongestStatus + 1, kMask);
    case Ss7Kind::kHfisu:
      return length_between(high_speed, kHalf, kHighSpeedMask, 0, 0);
    case Ss7Kind::kHlssu:
      return length_between(high_speed, kHalf, kHighSpeedMask, kHighSpeedUnit,
                            kLongestStatus * kHighSpeedUnit);
    case Ss7Kind::kHmsu:
      return length_between(high_speed, kHalf, kHighSpeedMask,
                            (kLongestStatus + 1) * kHighSpeedUnit, kHighSpeedMask);
  }
  throw Refused{"unknown SS7 keyword"};
}

Condition signalling(const Scope& scope, const ast::Signalling& signalling) {
  const Field field = field_of(scope, signalling.field);
  std::vector<Condition> any;
  for (std::uint32_t i = signalling.first; i < signalling.first + signalling.count; ++i) {
    const std::uint32_t number = scope.filter.numbers[i].value;
    if (number > field.maximum) {
      throw Refused{"value is greater than its maximum " + std::to_string(field.maximum)};
    }
    any.push_back([value = field.value, op = signalling.op, bits = field.bits(number)](
                      State& state) { return compare(op, value(state), bits); });
  }
  return any_of(any);
}

}  // namespace bpfc::reference
