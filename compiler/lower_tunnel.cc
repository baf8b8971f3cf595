// `geneve` and `vxlan`: an Ethernet frame (or, in Geneve, another packet) in a UDP datagram.
//
// Where the inner headers are depends on the packet: on the length of the outer IP header, and on
// Geneve's options. So three cells hold the places of the inner link header, type field and
// payload. They are assigned once the keyword has matched; on paths where it has not they are 0,
// and what stands to the right reads from the packet's start, as in libpcap.
#include "bpfc/link_type.h"
#include "compiler/lowering.h"
#include "compiler/protocol_numbers.h"

namespace bpfc {
namespace {

constexpr std::uint32_t kUdpHeader = 8;
constexpr std::uint32_t kEthernetType = 12;
constexpr std::uint32_t kEthernetHeader = 14;
constexpr std::uint32_t kLargestVni = 0xffffff;
constexpr std::uint32_t kVniShift = 8;
constexpr std::uint32_t kVniField = 4;  // the upper three bytes of the word, in both headers

// The cells of the inner headers.
struct InnerCells {
  std::uint32_t link_header;
  std::uint32_t type;
  std::uint32_t payload;
};

InnerCells new_cells(Lowering& lowering, SourceRange range) {
  return {lowering.new_cell(range), lowering.new_cell(range), lowering.new_cell(range)};
}

void enter(Lowering& lowering, const InnerCells& cells) {
  HeaderContext& context = lowering.context;
  auto& values = lowering.graph.values;
  const HeaderContext outer = context;
  context = {};
  context.link_type = &ethernet_link_type();
  context.link_header.base = values.cell(cells.link_header);
  context.type.base = values.cell(cells.type);
  context.payload.base = values.cell(cells.payload);
  // As in libpcap: without SNAP the network header is as far behind the payload as it was outside,
  // and what stands behind MPLS labels stays behind them.
  context.network_no_snap = outer.network_no_snap;
  context.mpls_labels = outer.mpls_labels;
  context.in_tunnel = true;
  context.link_guard = LinkGuard::kTunnel;
}

std::optional<ConditionIndex> vni_is(Lowering& lowering, const HeaderOffset& tunnel,
                                     const ast::Encapsulation& encapsulation) {
  if (!encapsulation.identifier) return std::nullopt;
  return lowering.equal(lowering.load(tunnel.plus(kVniField), 4),
                        *encapsulation.identifier << kVniShift, kLargestVni << kVniShift);
}

ConditionIndex with(Lowering& lowering, ConditionIndex first,
                    std::optional<ConditionIndex> second) {
  return second ? lowering.conditions.all({first, *second}) : first;
}

// Where the header behind the UDP header is, as a number.
ir::ValueIndex tunnel_address(Lowering& lowering, const HeaderOffset& udp) {
  return lowering.address(udp.plus(kUdpHeader));
}

// RFC 8926.
ConditionIndex geneve_over(Lowering& lowering, ConditionIndex is_udp, const HeaderOffset& udp,
                           const ast::Encapsulation& encapsulation, const InnerCells& cells) {
  constexpr std::uint32_t kVersion = 0xc0;
  constexpr std::uint32_t kOptionLength = 0x3f;
  constexpr std::uint32_t kProtocolField = 2;
  constexpr std::uint32_t kBaseHeader = 8;
  auto& conditions = lowering.conditions;
  auto& values = lowering.graph.values;
  const auto plus = [&](ir::ValueIndex value, std::uint32_t k) {
    return values.alu(Arithmetic::kAdd, value, lowering.constant(k));
  };

  const HeaderOffset geneve = udp.plus(kUdpHeader);
  const ConditionIndex version_0 = lowering.equal(lowering.load(geneve, 1), 0, kVersion);
  const ConditionIndex matches =
      with(lowering, conditions.all({is_udp, version_0}), vni_is(lowering, geneve, encapsulation));

  const ir::ValueIndex start = tunnel_address(lowering, udp);
  const ir::ValueIndex options = values.alu(
      Arithmetic::kMultiply,
      values.alu(Arithmetic::kAnd, values.load(1, start, 0), lowering.constant(kOptionLength)),
      lowering.constant(4));
  const ir::ValueIndex inner = values.alu(Arithmetic::kAdd, plus(options, kBaseHeader), start);
  const ir::ValueIndex type = values.load(2, start, kProtocolField);
  const ir::ValueIndex link_header = values.cell(cells.link_header);
  const ConditionIndex ethernet =
      conditions.all({lowering.equal(type, ethertype::kTransparentEthernet),
                      conditions.assign(cells.type, plus(link_header, kEthernetType)),
                      conditions.assign(cells.payload, plus(link_header, kEthernetHeader))});
  // Without Ethernet, the type in the Geneve header is the ethertype of what follows it.
  const ConditionIndex other =
      conditions.all({conditions.assign(cells.type, plus(start, kProtocolField)),
                      conditions.assign(cells.payload, link_header)});
  return conditions.all(
      {matches, conditions.assign(cells.link_header, inner), conditions.any({ethernet, other})});
}

// RFC 7348.
ConditionIndex vxlan_over(Lowering& lowering, ConditionIndex is_udp, const HeaderOffset& udp,
                          const ast::Encapsulation& encapsulation, const InnerCells& cells) {
  constexpr std::uint32_t kValidVni = 0x08;
  constexpr std::uint32_t kHeader = 8;
  auto& conditions = lowering.conditions;
  auto& values = lowering.graph.values;
  const HeaderOffset vxlan = udp.plus(kUdpHeader);
  const ConditionIndex flags = lowering.equal(lowering.load(vxlan, 1), kValidVni);
  const ConditionIndex matches =
      with(lowering, conditions.all({is_udp, flags}), vni_is(lowering, vxlan, encapsulation));
  const ir::ValueIndex start = tunnel_address(lowering, udp);
  const auto place = [&](std::uint32_t offset) {
    return values.alu(Arithmetic::kAdd, start, lowering.constant(kHeader + offset));
  };
  return conditions.all({matches, conditions.assign(cells.link_header, place(0)),
                         conditions.assign(cells.type, place(kEthernetType)),
                         conditions.assign(cells.payload, place(kEthernetHeader))});
}

using TunnelOver = ConditionIndex (*)(Lowering&, ConditionIndex, const HeaderOffset&,
                                      const ast::Encapsulation&, const InnerCells&);

ConditionIndex lower_tunnel(Lowering& lowering, const ast::Encapsulation& encapsulation,
                            SourceRange range, std::uint32_t port, TunnelOver over) {
  if (encapsulation.identifier) {
    Lowering::check_maximum(*encapsulation.identifier, kLargestVni, encapsulation.identifier_range,
                            "VNI");
  }
  const InnerCells cells = new_cells(lowering, range);
  const ConditionIndex ip4 = over(lowering, udp4_destination(lowering, port),
                                  lowering.ip4_payload(), encapsulation, cells);
  const ConditionIndex ip6 = over(lowering, udp6_destination(lowering, port),
                                  lowering.ip6_payload(), encapsulation, cells);
  enter(lowering, cells);
  return lowering.conditions.any({ip4, ip6});
}

}  // namespace

ConditionIndex lower_geneve(Lowering& lowering, const ast::Encapsulation& encapsulation,
                            SourceRange range) {
  constexpr std::uint32_t kPort = 6081;
  return lower_tunnel(lowering, encapsulation, range, kPort, geneve_over);
}

ConditionIndex lower_vxlan(Lowering& lowering, const ast::Encapsulation& encapsulation,
                           SourceRange range) {
  constexpr std::uint32_t kPort = 4789;
  return lower_tunnel(lowering, encapsulation, range, kPort, vxlan_over);
}

}  // namespace bpfc
