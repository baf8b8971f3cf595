// `vlan`, `mpls`, `pppoed`, `pppoes`: tests, and new places for the headers of all that follows in
// the text.
#include "compiler/lowering.h"
#include "compiler/protocol_numbers.h"
#include "vm/ancillary.h"

namespace bpfc {
namespace {

constexpr std::uint32_t kVlanTag = 4;
constexpr std::uint32_t kTypeInVlanTag = 2;
constexpr std::uint32_t kVlanIdentifier = 0x0fff;
constexpr std::uint32_t kMplsLabel = 4;

ir::ValueIndex ancillary(Lowering& lowering, AncillaryLoad which) {
  return lowering.graph.values.ancillary(static_cast<std::uint32_t>(which));
}

ConditionIndex has_tag(Lowering& lowering) {
  return lowering.conditions.any({lowering.payload_is(ethertype::kVlan),
                                  lowering.payload_is(ethertype::kServiceVlan),
                                  lowering.payload_is(ethertype::kOldServiceVlan)});
}

ConditionIndex tag_identifier_is(Lowering& lowering, std::uint32_t identifier) {
  return lowering.equal(lowering.load(lowering.network(), 2), identifier, kVlanIdentifier);
}

ConditionIndex lower_vlan_in_band(Lowering& lowering, std::optional<std::uint32_t> identifier) {
  const ConditionIndex tagged = has_tag(lowering);
  const ConditionIndex condition =
      identifier ? lowering.conditions.all({tagged, tag_identifier_is(lowering, *identifier)})
                 : tagged;
  if (lowering.link().vlan == VlanSupport::kCooked) {
    lowering.context.type = lowering.context.payload.plus(kTypeInVlanTag);
  } else {
    lowering.context.type.constant += kVlanTag;
  }
  lowering.context.payload.constant += kVlanTag;
  return condition;
}

// Linux strips the outer tag and keeps it beside the packet. Where it has not, the tag is in the
// bytes, and what follows reads 4 further on: a cell holds the 0 or the 4. As in libpcap the 4 is
// there for all packets without a tag beside them, whether or not they turn out to have one inside.
ConditionIndex lower_vlan_with_metadata(Lowering& lowering, std::optional<std::uint32_t> identifier,
                                        SourceRange range) {
  auto& conditions = lowering.conditions;
  const std::uint32_t shift = lowering.new_cell(range);
  const auto present = [&] {
    return lowering.equal(ancillary(lowering, AncillaryLoad::kVlanTagPresent), 1);
  };
  const ConditionIndex in_band =
      conditions.all({conditions.assign(shift, lowering.constant(kVlanTag)), has_tag(lowering)});
  ConditionIndex condition = conditions.any({present(), in_band});
  if (identifier) {
    const ConditionIndex beside =
        lowering.equal(ancillary(lowering, AncillaryLoad::kVlanTag), *identifier, kVlanIdentifier);
    const ConditionIndex inside = tag_identifier_is(lowering, *identifier);
    condition = conditions.all(
        {condition, conditions.any({conditions.all({present(), beside}),
                                    conditions.all({conditions.negate(present()), inside})})});
  }
  lowering.context.type.base = lowering.graph.values.cell(shift);
  lowering.context.payload.base = lowering.graph.values.cell(shift);
  return condition;
}

ConditionIndex lower_vlan(Lowering& lowering, std::optional<std::uint32_t> identifier,
                          SourceRange identifier_range, SourceRange range) {
  HeaderContext& context = lowering.context;
  if (identifier) {
    Lowering::check_maximum(*identifier, kVlanIdentifier, identifier_range, "VLAN tag");
  }
  if (context.mpls_labels > 0) {
    Lowering::fail(DiagnosticCode::kEncapsulation, range, "no VLAN match after MPLS");
  }
  if (lowering.link().vlan == VlanSupport::kNone || context.cooked_socket) {
    lowering.fail_on_link_type("vlan", range);
  }
  const bool outer = context.vlan_tags == 0 && lowering.link().vlan == VlanSupport::kMetadata &&
                     context.link_header == lowering.outermost().link_header;
  const ConditionIndex condition = lowering.live() && outer
                                       ? lower_vlan_with_metadata(lowering, identifier, range)
                                       : lower_vlan_in_band(lowering, identifier);
  ++context.vlan_tags;
  return condition;
}

ConditionIndex lower_mpls(Lowering& lowering, std::optional<std::uint32_t> label,
                          SourceRange label_range, SourceRange range) {
  constexpr std::uint32_t kLargestLabel = 0xfffff;
  constexpr std::uint32_t kLabelShift = 12;
  constexpr std::uint32_t kBottomByte = 2;
  HeaderContext& context = lowering.context;
  if (label) Lowering::check_maximum(*label, kLargestLabel, label_range, "MPLS label");
  ConditionIndex condition = 0;
  if (context.mpls_labels > 0) {
    // Another label follows: the one before is not the bottom of the stack.
    HeaderOffset before = lowering.network();
    before.constant -= kMplsLabel;
    condition = lowering.equal(lowering.load(before.plus(kBottomByte), 1), 0, 1);
  } else {
    if (!lowering.link().mpls_protocol) lowering.fail_on_link_type("mpls", range);
    condition = lowering.payload_is(*lowering.link().mpls_protocol);
  }
  if (label) {
    const ir::ValueIndex entry = lowering.load(lowering.network(), 4);
    condition = lowering.conditions.all(
        {condition, lowering.equal(entry, *label << kLabelShift, kLargestLabel << kLabelShift)});
  }
  context.network += kMplsLabel;
  context.network_no_snap += kMplsLabel;
  ++context.mpls_labels;
  return condition;
}

ConditionIndex lower_pppoes(Lowering& lowering, std::optional<std::uint32_t> session,
                            SourceRange session_range) {
  constexpr std::uint32_t kLargestSession = 0xffff;
  constexpr std::uint32_t kPppoeHeader = 6;
  constexpr std::uint32_t kPppHeader = 2;
  if (session) Lowering::check_maximum(*session, kLargestSession, session_range, "PPPoE session");
  ConditionIndex condition = lowering.payload_is(ethertype::kPppoeSession);
  if (session) {
    condition =
        lowering.conditions.all({condition, lowering.equal(lowering.load(lowering.network(), 4),
                                                           *session, kLargestSession)});
  }
  HeaderContext& context = lowering.context;
  const HeaderOffset ppp = lowering.network().plus(kPppoeHeader);
  context.link_type = &ppp_link_type();
  context.link_header = ppp;
  context.type = ppp;
  context.payload = ppp.plus(kPppHeader);
  context.network = 0;
  context.network_no_snap = 0;
  context.link_guard = LinkGuard::kNone;
  context.cooked_socket = false;
  return condition;
}

}  // namespace

ConditionIndex lower_encapsulation(Lowering& lowering, const ast::Encapsulation& encapsulation,
                                   SourceRange range) {
  const auto& identifier = encapsulation.identifier;
  switch (encapsulation.kind) {
    case ast::EncapsulationKind::kVlan:
      return lower_vlan(lowering, identifier, encapsulation.identifier_range, range);
    case ast::EncapsulationKind::kMpls:
      return lower_mpls(lowering, identifier, encapsulation.identifier_range, range);
    case ast::EncapsulationKind::kPppoed:
      return lowering.payload_is(ethertype::kPppoeDiscovery);
    case ast::EncapsulationKind::kPppoes:
      return lower_pppoes(lowering, identifier, encapsulation.identifier_range);
    case ast::EncapsulationKind::kGeneve:
      return lower_geneve(lowering, encapsulation, range);
    case ast::EncapsulationKind::kVxlan:
      return lower_vxlan(lowering, encapsulation, range);
  }
  return lowering.conditions.always(false);
}

}  // namespace bpfc
