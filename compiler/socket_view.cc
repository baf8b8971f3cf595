// The saved form of a packet is a row of fields that the socket shows beside the bytes, and pieces
// of bytes that it shows at another place; every value of the filter is rewritten by that row.
//
// An Ethernet frame with the tag 5 is saved as 12 bytes of addresses, 81 00, 00 05, 08 00, and the
// IP header from byte 18; the socket shows the addresses, 08 00, the IP header from byte 14, and
// has 0x8100 and 5 beside them. So of `vlan 5 and ip`
//
//   load half [12] = 0x8100     becomes  vlan_tpid = 0x8100
//   load half [14] & 0xfff = 5  becomes  vlan_tci & 0xfff = 5
//   load half [16] = 0x800      becomes  load half [12] = 0x800
//
// for frames that have a tag beside them, and stays as it is for the others, and a first decision
// tells which is which. Of `tcp port 80`, which looks for 0x800 in byte 12, nothing is left for
// tagged frames: vlan_tpid is 0x8100 or 0x88a8. Where a value cannot be rewritten, the node that
// uses it becomes one that accepts: user space has to decide.
#include "compiler/socket_view.h"

#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include <array>
#include <optional>
#include <vector>

#include "compiler/interval.h"
#include "compiler/requirement.h"
#include "vm/ancillary.h"

namespace bpfc {
namespace {

using ir::NodeIndex;
using ir::ValueIndex;

// More bytes than any packet has.
constexpr std::uint32_t kWholePacket = ~std::uint32_t{0};

// Bytes of the saved packet that the socket has in its metadata.
struct Field {
  std::uint32_t offset;
  std::uint8_t size;
  // None: they are 0.
  std::optional<AncillaryLoad> load;
};

// The saved packet: `head` bytes as they are; fields, and bytes that the socket does not show;
// from saved_tail on what the socket shows from shown_tail on.
struct Shape {
  std::uint32_t head = 0;
  std::vector<Field> fields;
  std::uint32_t saved_tail = 0;
  std::uint32_t shown_tail = 0;

  bool is_plain() const { return saved_tail == shown_tail; }
};

constexpr std::uint32_t kTag = 4;
constexpr std::uint32_t kAddresses = 2 * ETH_ALEN;
constexpr std::uint32_t kCookedHeader = 20;  // LINKTYPE_LINUX_SLL2

// The kernel moves tags of these protocols only (skb_vlan_untag(), and network cards).
constexpr std::array<std::uint32_t, 2> kTagProtocols = {ETH_P_8021Q, ETH_P_8021AD};

Shape plain() { return {}; }

Shape tagged_frame() {
  return {.head = kAddresses,
          .fields = {{kAddresses, 2, AncillaryLoad::kVlanProtocol},
                     {kAddresses + 2, 2, AncillaryLoad::kVlanTag}},
          .saved_tail = kAddresses + kTag,
          .shown_tail = kAddresses};
}

// LINKTYPE_LINUX_SLL2 of a frame on Ethernet. The address at byte 12 and its length are left out.
Shape cooked(bool tagged) {
  Shape shape{.fields = {{0, 2, tagged ? AncillaryLoad::kVlanProtocol : AncillaryLoad::kProtocol},
                         {2, 2, std::nullopt},
                         {4, 4, AncillaryLoad::kInterfaceIndex},
                         {8, 2, AncillaryLoad::kHardwareType},
                         {10, 1, AncillaryLoad::kPacketType}},
              .saved_tail = kCookedHeader,
              .shown_tail = ETH_HLEN};
  if (tagged) {
    shape.fields.push_back({kCookedHeader, 2, AncillaryLoad::kVlanTag});
    shape.fields.push_back({kCookedHeader + 2, 2, AncillaryLoad::kProtocol});
    shape.saved_tail += kTag;
  }
  return shape;
}

// Rewrites one filter for one shape.
class Rewriting {
 public:
  Rewriting(ir::Graph& graph, const Intervals& intervals, Shape shape)
      : graph_(graph), intervals_(intervals), shape_(std::move(shape)) {}

  NodeIndex run(const std::vector<ir::Node>& nodes, const std::vector<bool>& reached,
                std::size_t value_count) {
    rewrite_values(value_count);
    std::vector<NodeIndex> image(nodes.size(), ir::kNoNode);
    for (NodeIndex i = 0; i < nodes.size(); ++i) {
      if (reached[i]) image[i] = rewrite_node(nodes[i], image);
    }
    return image.back();
  }

 private:
  using Rewritten = std::optional<ValueIndex>;

  // Whether the kernel's sum is the one that files have.
  bool is_plain_address(ValueIndex base, std::uint64_t offset, std::uint8_t size) const {
    const std::uint64_t high = base == ir::kNoValue ? 0 : intervals_[base].high;
    return high + offset + size <= ir::kPlainAddresses;
  }

  ValueIndex shift(ValueIndex value, Arithmetic op, std::uint32_t distance) {
    return graph_.values.alu(op, value, graph_.values.constant(distance));
  }

  // `size` bytes from the saved packet's byte `offset` on, all within a field or all shown; none:
  // they are not.
  Rewritten piece(std::uint32_t offset, std::uint8_t size) {
    auto& values = graph_.values;
    if (offset + size <= shape_.head) return values.load(size, ir::kNoValue, offset);
    if (offset >= shape_.saved_tail) {
      return values.load(size, ir::kNoValue, offset - shape_.saved_tail + shape_.shown_tail);
    }
    for (const Field& field : shape_.fields) {
      const std::uint32_t end = field.offset + field.size;
      if (offset < field.offset || offset + size > end) continue;
      if (!field.load) return values.constant(0);
      const ValueIndex whole = values.ancillary(static_cast<std::uint32_t>(*field.load));
      if (size == field.size) return whole;
      const ValueIndex down = shift(whole, Arithmetic::kShiftRight, 8 * (end - offset - size));
      constexpr std::uint64_t kOne = 1;
      const auto mask = static_cast<std::uint32_t>((kOne << 8U * size) - 1);
      return values.alu(Arithmetic::kAnd, down, values.constant(mask));
    }
    return std::nullopt;
  }

  // The largest pieces that are to be had, one after the other.
  Rewritten load_at(std::uint32_t offset, std::uint8_t size) {
    std::optional<ValueIndex> gathered;
    const std::uint64_t end = std::uint64_t{offset} + size;
    while (offset < end) {
      std::uint8_t width = 4;
      Rewritten part;
      while (width > 0) {
        if (offset + width <= end) part = piece(offset, width);
        if (part) break;
        width /= 2;
      }
      if (!part) return std::nullopt;
      gathered =
          gathered ? graph_.values.alu(Arithmetic::kOr,
                                       shift(*gathered, Arithmetic::kShiftLeft, 8U * width), *part)
                   : *part;
      offset += width;
    }
    return gathered;
  }

  Rewritten load(const ir::Value& value) {
    if (!is_plain_address(value.left, value.k, value.size)) return std::nullopt;
    if (value.left == ir::kNoValue) return load_at(value.k, value.size);
    if (!images_[value.left]) return std::nullopt;
    auto& values = graph_.values;
    const ValueIndex base = *images_[value.left];
    if (shape_.is_plain()) return values.load(value.size, base, value.k);
    const std::uint32_t back = shape_.saved_tail - shape_.shown_tail;
    if (value.k >= shape_.saved_tail) return values.load(value.size, base, value.k - back);
    const Interval& range = intervals_[value.left];
    if (std::uint64_t{range.low} + value.k >= shape_.saved_tail && range.low >= back) {
      return values.load(value.size, shift(base, Arithmetic::kSubtract, back), value.k);
    }
    if (std::uint64_t{range.high} + value.k + value.size <= shape_.head) {
      return values.load(value.size, base, value.k);
    }
    return std::nullopt;
  }

  // Shifts by 32 and more differ between the kernel and files.
  bool is_same_everywhere(const ir::Value& value) const {
    if (value.op != Arithmetic::kShiftLeft && value.op != Arithmetic::kShiftRight) return true;
    return intervals_[value.right].high < 32;
  }

  Rewritten rewrite(ValueIndex index) {
    auto& values = graph_.values;
    const ir::Value value = values[index];
    switch (value.kind) {
      case ir::ValueKind::kLoad:
        return load(value);
      case ir::ValueKind::kLength: {
        const std::uint32_t more = shape_.saved_tail - shape_.shown_tail;
        return values.alu(Arithmetic::kAdd, values.length(), values.constant(more));
      }
      case ir::ValueKind::kAlu: {
        const auto left = images_[value.left];
        if (value.right == ir::kNoValue) {
          return left ? Rewritten(values.alu(value.op, *left, ir::kNoValue)) : std::nullopt;
        }
        const auto right = images_[value.right];
        if (!left || !right || !is_same_everywhere(value)) return std::nullopt;
        return values.alu(value.op, *left, *right);
      }
      default:
        return index;
    }
  }

  void rewrite_values(std::size_t count) {
    images_.reserve(count);
    for (ValueIndex i = 0; i < count; ++i) images_.push_back(rewrite(i));
  }

  NodeIndex accept() { return graph_.add_return(kWholePacket); }

  // The outcome where it is the same for all tags that the kernel moves.
  std::optional<bool> tag_decides(ValueIndex left, ValueIndex right, Comparison comparison) const {
    const ir::Value& value = graph_.values[left];
    const auto constant = graph_.values.constant_of(right);
    const bool is_tag = value.kind == ir::ValueKind::kAncillary &&
                        value.k == static_cast<std::uint32_t>(AncillaryLoad::kVlanProtocol);
    if (!is_tag || !constant) return std::nullopt;
    const bool first = compare(comparison, kTagProtocols.front(), *constant);
    for (const std::uint32_t protocol : kTagProtocols) {
      if (compare(comparison, protocol, *constant) != first) return std::nullopt;
    }
    return first;
  }

  NodeIndex rewrite_node(const ir::Node& node, const std::vector<NodeIndex>& image) {
    switch (node.kind) {
      case ir::NodeKind::kReturn:
        return graph_.add_return(node.k);
      case ir::NodeKind::kAssign: {
        const auto value = images_[node.left];
        return value ? graph_.assign(node.k, *value, image[node.then]) : accept();
      }
      case ir::NodeKind::kRequire: {
        if (node.left == ir::kNoValue) return graph_.require_bytes(shown(node.k), image[node.then]);
        const auto value = images_[node.left];
        return value ? graph_.require_value(*value, image[node.then]) : accept();
      }
      case ir::NodeKind::kDecide: {
        const auto left = images_[node.left];
        const auto right = images_[node.right];
        if (!left || !right) return accept();
        if (const auto known = tag_decides(*left, *right, node.comparison)) {
          return image[*known ? node.then : node.otherwise];
        }
        return graph_.decide(node.comparison, *left, *right, image[node.then],
                             image[node.otherwise]);
      }
    }
    return accept();
  }

  // How many bytes the socket shows of the first `length` that are saved. Every frame has a whole
  // Ethernet header.
  std::uint32_t shown(std::uint32_t length) const {
    if (length <= shape_.head) return length;
    if (length <= shape_.saved_tail) return shape_.head;
    return length - shape_.saved_tail + shape_.shown_tail;
  }

  ir::Graph& graph_;
  const Intervals& intervals_;
  Shape shape_;
  std::vector<Rewritten> images_;
};

class View {
 public:
  View(const ir::Graph& saved, const SocketOptions& options)
      : options_(options), intervals_(saved), reached_(saved.reachable()), result_(saved) {
    nodes_.reserve(saved.root + 1);
    for (NodeIndex i = 0; i <= saved.root; ++i) nodes_.push_back(saved[i]);
    value_count_ = saved.values.size();
    result_ = std::move(result_).without_nodes();
  }

  ir::Graph run() && {
    result_.root = with_direction(of_every_packet());
    return std::move(result_);
  }

 private:
  NodeIndex rewrite(Shape shape) {
    Rewriting rewriting(result_, intervals_, std::move(shape));
    return rewriting.run(nodes_, reached_, value_count_);
  }

  NodeIndex if_equal(AncillaryLoad load, std::uint32_t wanted, NodeIndex then,
                     NodeIndex otherwise) {
    if (then == otherwise) return then;
    auto& values = result_.values;
    return result_.decide(Comparison::kEqual, values.ancillary(static_cast<std::uint32_t>(load)),
                          values.constant(wanted), then, otherwise);
  }

  NodeIndex of_every_packet() {
    switch (options_.view) {
      case SocketView::kFrames:
        return rewrite(plain());
      case SocketView::kEthernet: {
        const NodeIndex tagged = rewrite(tagged_frame());
        return if_equal(AncillaryLoad::kVlanTagPresent, 0, rewrite(plain()), tagged);
      }
      case SocketView::kOtherHeader:
        return result_.add_return(kWholePacket);
      case SocketView::kEveryInterface:
        break;
    }
    // Other interfaces have headers of other lengths.
    const NodeIndex other = result_.add_return(kWholePacket);
    const NodeIndex tagged = rewrite(cooked(true));
    const NodeIndex ethernet =
        if_equal(AncillaryLoad::kVlanTagPresent, 0, rewrite(cooked(false)), tagged);
    const NodeIndex loopback =
        if_equal(AncillaryLoad::kPacketType, PACKET_OUTGOING, result_.add_return(0), ethernet);
    return if_equal(AncillaryLoad::kHardwareType, ARPHRD_ETHER, ethernet,
                    if_equal(AncillaryLoad::kHardwareType, ARPHRD_LOOPBACK, loopback, other));
  }

  NodeIndex with_direction(NodeIndex root) {
    const NodeIndex reject = result_.add_return(0);
    if (options_.direction == CaptureDirection::kOut) {
      // What comes back on the loopback interface has been dropped on its way out.
      root = options_.loopback
                 ? reject
                 : if_equal(AncillaryLoad::kPacketType, PACKET_OUTGOING, root, reject);
    } else if (options_.direction == CaptureDirection::kIn || options_.loopback) {
      root = if_equal(AncillaryLoad::kPacketType, PACKET_OUTGOING, reject, root);
    }
    return root;
  }

  const SocketOptions& options_;
  Intervals intervals_;
  std::vector<bool> reached_;
  std::vector<ir::Node> nodes_;
  std::size_t value_count_ = 0;
  ir::Graph result_;
};

}  // namespace

ir::Graph see_through_socket(const ir::Graph& saved, const SocketOptions& options) {
  return View(saved, options).run();
}

bool decides_every_packet(const ir::Graph& seen) {
  const std::vector<bool> reached = seen.reachable();
  for (NodeIndex i = 0; i <= seen.root; ++i) {
    const bool passes_all = seen[i].kind == ir::NodeKind::kReturn && seen[i].k == kWholePacket;
    if (reached[i] && passes_all) return false;
  }
  return true;
}

}  // namespace bpfc
