#include "compiler/sets/profile.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

namespace bpfc::sets {
namespace {

using Result = std::optional<std::uint32_t>;  // none: the filter ends

// Nodes that all packets together may visit, and values computed for them: tenths of a second.
constexpr std::size_t kMostSteps = 10'000'000;
// The guess about a node counts as so many packets.
constexpr double kGuess = 4;

// Values of one packet after another; each is computed once for a packet, or for what its cells
// hold.
class PacketValues {
 public:
  explicit PacketValues(const ir::ValueTable& values) : values_(values), known_(values.size()) {}

  void begin(const Packet& packet) {
    packet_ = packet;
    cells_.fill(0);
    of_packet_ = of_cells_ = ++moment_;
  }

  void assign(std::uint32_t cell, std::uint32_t value) {
    cells_[cell] = value;
    of_cells_ = ++moment_;
  }

  // How many, of all packets.
  std::size_t computed() const { return computed_; }

  bool has_bytes(std::uint32_t count) const { return packet_.captured.size() >= count; }

  Result value(ir::ValueIndex index) {
    const std::uint64_t since = values_.facts(index).cells == 0 ? of_packet_ : of_cells_;
    if (known_[index].moment < since) {
      ++computed_;
      const Result result = compute_value(values_[index]);
      known_[index] = {moment_, result};
    }
    return known_[index].result;
  }

 private:
  struct Known {
    std::uint64_t moment = 0;
    Result result;
  };

  // Not nested deeper than ir::kMaxDepth.
  Result compute_value(const ir::Value& made) {
    switch (made.kind) {
      case ir::ValueKind::kConstant:
        return made.k;
      case ir::ValueKind::kLength:
        return packet_.wire_length;
      case ir::ValueKind::kLoad: {
        const Result base = made.left == ir::kNoValue ? Result{0} : value(made.left);
        return base ? load(std::uint64_t{*base} + made.k, made.size) : std::nullopt;
      }
      case ir::ValueKind::kAncillary:
        return 0;
      case ir::ValueKind::kCell:
        return cells_[made.k];
      case ir::ValueKind::kAlu: {
        const Result left = value(made.left);
        const Result right = made.right == ir::kNoValue ? Result{0} : value(made.right);
        if (!left || !right) return std::nullopt;
        return compute(made.op, *left, *right, Rules::kLibpcap);
      }
    }
    return std::nullopt;
  }

  Result load(std::uint64_t address, std::uint32_t size) const {
    if (address + size > packet_.captured.size()) return std::nullopt;
    std::uint32_t result = 0;
    for (std::uint32_t i = 0; i < size; ++i) result = result << 8U | packet_.captured[address + i];
    return result;
  }

  const ir::ValueTable& values_;
  Packet packet_;
  std::array<std::uint32_t, ir::kMaxCells> cells_{};
  std::vector<Known> known_;
  std::size_t computed_ = 0;
  std::uint64_t moment_ = 0;
  std::uint64_t of_packet_ = 0;  // when it began
  std::uint64_t of_cells_ = 0;   // when one of them changed
};

std::size_t part_of(const Node& node, std::uint32_t number) {
  const auto next =
      std::upper_bound(node.parts.begin(), node.parts.end(), number,
                       [](std::uint32_t value, const Part& part) { return value < part.low; });
  return static_cast<std::size_t>(next - node.parts.begin()) - 1;
}

class Walk {
 public:
  Walk(Graph& graph, const ir::ValueTable& values) : graph_(graph), values_(values) {}

  void take(const Packet& packet) {
    values_.begin(packet);
    for (Index at = graph_.root; at != kNone; ++visits_) {
      Node& node = graph_.nodes[at];
      at = node.is_partition() ? pass_partition(node) : pass_plain(node);
    }
  }

  std::size_t steps() const { return visits_ + values_.computed(); }

 private:
  static void count(Node& node, std::size_t ways, std::size_t way) {
    node.weights.resize(ways, 0);
    ++node.weights[way];
  }

  Index pass_partition(Node& node) {
    const Result number = values_.value(node.value);
    if (!number) return kNone;
    const std::size_t way = part_of(node, *number);
    count(node, node.parts.size(), way);
    return node.parts[way].target;
  }

  Index pass_plain(Node& node) {
    const ir::Node& plain = node.plain;
    switch (plain.kind) {
      case ir::NodeKind::kReturn:
        return kNone;
      case ir::NodeKind::kDecide: {
        const Result left = values_.value(plain.left);
        const Result right = values_.value(plain.right);
        if (!left || !right) return kNone;
        const bool holds = compare(plain.comparison, *left, *right);
        count(node, 2, holds ? 0 : 1);
        return holds ? plain.then : plain.otherwise;
      }
      case ir::NodeKind::kAssign: {
        const Result assigned = values_.value(plain.left);
        if (!assigned) return kNone;
        values_.assign(plain.k, *assigned);
        return plain.then;
      }
      case ir::NodeKind::kRequire:
        if (plain.left == ir::kNoValue ? !values_.has_bytes(plain.k) : !values_.value(plain.left)) {
          return kNone;
        }
        return plain.then;
    }
    return kNone;
  }

  Graph& graph_;
  PacketValues values_;
  std::size_t visits_ = 0;
};

// What a partition's parts have in common with those of another: where they begin, and which of
// them lead to the same place. Returns are known by what they return.
std::vector<std::uint32_t> shape(const Graph& graph, const Node& node) {
  std::vector<std::uint32_t> result = {node.highest};
  std::map<Index, std::uint32_t> places;
  for (const Part& part : node.parts) {
    const Node& next = graph.nodes[part.target];
    const bool returns = !next.is_partition() && next.plain.kind == ir::NodeKind::kReturn;
    const auto place = static_cast<std::uint32_t>(places.size());
    const std::uint32_t number = places.try_emplace(part.target, place).first->second;
    result.insert(result.end(), {part.low, returns ? 1U : 0U, returns ? next.plain.k : number});
  }
  return result;
}

// Long lists that are alike become one in the program if they are searched in one way.
void weigh_long_lists_alike(Graph& graph) {
  constexpr std::size_t kLong = 15;
  std::map<std::vector<std::uint32_t>, std::vector<Node*>> alike;
  for (Node& node : graph.nodes) {
    if (node.parts.size() >= kLong) alike[shape(graph, node)].push_back(&node);
  }
  for (const auto& [of_all, nodes] : alike) {
    std::vector<double> sums(nodes.front()->parts.size(), 0);
    for (const Node* node : nodes) {
      for (std::size_t i = 0; i < node->weights.size(); ++i) sums[i] += node->weights[i];
    }
    for (Node* node : nodes) node->weights = sums;
  }
}

}  // namespace

void weigh_by_profile(Graph& graph, const ir::ValueTable& values, const Profile& profile) {
  for (Node& node : graph.nodes) node.weights.clear();
  Walk walk(graph, values);
  for (std::size_t i = 0; i < profile.size() && walk.steps() < kMostSteps; ++i) {
    walk.take(profile[i]);
  }
  weigh_long_lists_alike(graph);
  for (Node& node : graph.nodes) {
    double sum = kGuess;
    for (const double count : node.weights) sum += count;
    for (double& weight : node.weights) weight /= sum;
  }
}

}  // namespace bpfc::sets
