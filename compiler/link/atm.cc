#include "compiler/link/atm.h"

#include <algorithm>
#include <array>
#include <vector>

#include "compiler/link/payload_protocol.h"

namespace bpfc {
namespace {

constexpr std::uint32_t kTypeField = 0;
constexpr std::uint32_t kTypeMask = 0x0f;
constexpr std::uint32_t kLane = 1;
constexpr std::uint32_t kLlc = 2;
constexpr std::uint32_t kPathField = 1;
constexpr std::uint32_t kChannelField = 2;
constexpr std::uint32_t kPayload = 4;
constexpr std::uint32_t kNoChannel = 0;

// The circuits that the ATM Forum's UNI reserves on virtual path 0.
struct Circuit {
  ast::AtmKind kind;
  std::array<std::uint32_t, 2> channels;  // either
  bool connecting;                        // signalling messages that set up or end a connection
};
constexpr std::array kCircuits = {
    Circuit{ast::AtmKind::kMetac, {1, kNoChannel}, false},
    Circuit{ast::AtmKind::kBcc, {2, kNoChannel}, false},
    Circuit{ast::AtmKind::kOam, {3, 4}, false},
    Circuit{ast::AtmKind::kOamf4, {3, 4}, false},
    Circuit{ast::AtmKind::kOamf4sc, {3, kNoChannel}, false},
    Circuit{ast::AtmKind::kOamf4ec, {4, kNoChannel}, false},
    Circuit{ast::AtmKind::kSc, {5, kNoChannel}, false},
    Circuit{ast::AtmKind::kIlmic, {16, kNoChannel}, false},
    Circuit{ast::AtmKind::kConnectmsg, {5, kNoChannel}, true},
    Circuit{ast::AtmKind::kMetaconnect, {1, kNoChannel}, true},
};

// Message types of Q.2931.
constexpr std::uint32_t kMessageField = kPayload + 5;
constexpr std::uint32_t kConnectAcknowledge = 0x0f;  // of connections, not of meta-signalling
constexpr std::array<std::uint32_t, 6> kConnecting = {
    0x5a /* release complete */, 0x4d /* release */, kConnectAcknowledge,
    0x07 /* connect */,          0x05 /* setup */,   0x02 /* call proceeding */};

ConditionIndex payload_type_is(Lowering& lowering, std::uint32_t type) {
  return lowering.equal(lowering.load_link(kTypeField, 1), type, kTypeMask);
}

ConditionIndex circuit_is(Lowering& lowering, const Circuit& circuit) {
  std::vector<ConditionLink> channels;
  for (const std::uint32_t channel : circuit.channels) {
    if (channel == kNoChannel) continue;
    channels.push_back({Join::kOr, lowering.equal(lowering.load_link(kChannelField, 2), channel)});
  }
  return lowering.conditions.all(
      {lowering.equal(lowering.load_link(kPathField, 1), 0), lowering.conditions.chain(channels)});
}

ConditionIndex is_connecting(Lowering& lowering, ast::AtmKind kind) {
  std::vector<ConditionLink> messages;
  for (const std::uint32_t type : kConnecting) {
    if (type == kConnectAcknowledge && kind == ast::AtmKind::kMetaconnect) continue;
    messages.push_back({Join::kOr, lowering.equal(lowering.load_link(kMessageField, 1), type)});
  }
  return lowering.conditions.chain(messages);
}

ConditionIndex lower_lane(Lowering& lowering) {
  constexpr std::uint32_t kClientIdentifier = 2;
  const ConditionIndex condition = payload_type_is(lowering, kLane);
  // As in libpcap a second `lane` leads to the same frame, and behind another keyword it does not
  // look for control frames.
  const bool first = lowering.context.link_type == lowering.options.link_type;
  const LinkGuard otherwise = lowering.context.in_tunnel ? LinkGuard::kTunnel : LinkGuard::kNone;
  lowering.enter_ethernet(lowering.outermost().link_header.plus(kPayload + kClientIdentifier));
  lowering.context.link_guard = first ? LinkGuard::kLane : otherwise;
  return condition;
}

}  // namespace

ConditionIndex sunatm_payload_is(Lowering& lowering, std::uint32_t protocol) {
  const ConditionIndex llc = payload_type_is(lowering, kLlc);
  return lowering.conditions.all({llc, llc_payload_is(lowering, protocol)});
}

ConditionIndex sunatm_has_llc(Lowering& lowering) { return payload_type_is(lowering, kLlc); }

ConditionIndex is_lane_frame(Lowering& lowering) {
  constexpr std::uint32_t kControlFrame = 0xff00;
  const HeaderOffset payload = lowering.outermost().link_header.plus(kPayload);
  return lowering.conditions.negate(lowering.equal(lowering.load(payload, 2), kControlFrame));
}

ConditionIndex lower_atm(Lowering& lowering, const ast::Atm& atm, SourceRange range) {
  if (!lowering.options.link_type->rules->is_atm) {
    lowering.fail_on_link_type(lowering.first_word(range), range, "SUNATM");
  }
  if (atm.kind == ast::AtmKind::kLane) return lower_lane(lowering);
  const auto* circuit = std::find_if(kCircuits.begin(), kCircuits.end(),
                                     [&](const Circuit& row) { return row.kind == atm.kind; });
  const ConditionIndex condition = circuit_is(lowering, *circuit);
  if (!circuit->connecting) return condition;
  return lowering.conditions.all({condition, is_connecting(lowering, atm.kind)});
}

}  // namespace bpfc
