// A partition becomes decisions: `>=` halves what is left, `=` takes one number out. For a few
// parts all ways to combine the two are weighed, by dynamic programming over ranges of parts; more
// parts are halved by weight first. A decision costs the share of packets that come by, and a
// little for being there, so a long list ends in rows of `=`, which are short, and a short one in a
// full tree.
//
//   0 F, 22 T, 23 F, 80 T, 81 F, 443 T, 444 F       with most numbers beyond 443:
//
//   >= 444?  F  :  = 22? T : = 80? T : = 443? T : F
//
// Where all parts begin at multiples of 2^n, `and` with a mask makes those of that width single
// numbers.
#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <optional>

#include "compiler/sets/likely.h"
#include "compiler/sets/partition_graph.h"

namespace bpfc::sets {
namespace {

// So many parts are weighed in every way.
constexpr std::size_t kExact = 14;
// A single number that so many packets have is asked for first.
constexpr double kHeavy = 0.3;

struct Piece {
  std::uint32_t low = 0;
  Index target = kNone;
  double weight = 0;
  bool single = false;  // one number, once the mask has been applied
};

class Search {
 public:
  Search(ir::Graph& graph, ir::ValueIndex value, std::vector<Piece> pieces, double instruction)
      : graph_(graph), value_(value), pieces_(std::move(pieces)), instruction_(instruction) {
    sums_.reserve(pieces_.size() + 1);
    sums_.push_back(0);
    for (const Piece& piece : pieces_) sums_.push_back(sums_.back() + piece.weight);
  }

  bool is_small() const { return pieces_.size() <= kExact; }
  // Of the best decisions; where there are few pieces.
  double weigh() {
    solve(0, pieces_.size() - 1);
    return best(0, pieces_.size() - 1).cost;
  }
  ir::NodeIndex build() { return build(0, pieces_.size() - 1); }

 private:
  enum class Way : std::uint8_t { kDone, kSplit, kRow };
  struct Choice {
    double cost = 0;
    Way way = Way::kDone;
    std::size_t split = 0;    // of kSplit: the first piece of the upper half
    Index otherwise = kNone;  // of kRow: where all but single numbers lead
  };

  double weight(std::size_t first, std::size_t last) const {
    return sums_[last + 1] - sums_[first];
  }

  // Whether everything that does not lead to `otherwise` is a single number.
  bool has_row(std::size_t first, std::size_t last, Index otherwise) const {
    for (std::size_t i = first; i <= last; ++i) {
      if (!pieces_[i].single && pieces_[i].target != otherwise) return false;
    }
    return true;
  }

  // The pieces for which a row asks, the likeliest first.
  std::vector<std::size_t> row(std::size_t first, std::size_t last, Index otherwise) const {
    constexpr std::size_t kFew = 4;
    std::vector<std::size_t> asked;
    for (std::size_t i = first; i <= last; ++i) {
      if (pieces_[i].target != otherwise) asked.push_back(i);
    }
    const bool few = asked.size() <= kFew;
    // What most packets have comes first; then what goes on, so that what ends may be the end of
    // other rows too.
    constexpr double kMost = 0.5;
    const auto rank = [&](std::size_t i) {
      const double weight = pieces_[i].weight;
      const bool ends = graph_[pieces_[i].target].kind == ir::NodeKind::kReturn;
      return weight + (weight >= kMost ? 2 : ends || !few ? 0 : 1);
    };
    std::stable_sort(asked.begin(), asked.end(),
                     [&](std::size_t a, std::size_t b) { return rank(a) > rank(b); });
    return asked;
  }

  Choice& best(std::size_t first, std::size_t last) {
    return choices_[(first - base_) * solved_ + (last - base_)];
  }

  // Finds the best choice for each range within the pieces from first to last, unless that is what
  // has been found last.
  void solve(std::size_t first, std::size_t last) {
    const std::size_t pieces = last - first + 1;
    if (base_ == first && solved_ == pieces) return;
    base_ = first;
    solved_ = pieces;
    choices_.resize(pieces * pieces);
    for (std::size_t i = first; i <= last; ++i) best(i, i) = Choice{};
    for (std::size_t count = 2; count <= last - first + 1; ++count) {
      for (std::size_t i = first; i + count - 1 <= last; ++i) choose(i, i + count - 1);
    }
  }

  void choose(std::size_t first, std::size_t last) {
    Choice chosen;
    chosen.cost = std::numeric_limits<double>::max();
    for (std::size_t at = first; at < last && at < first + 2; ++at) {
      // Neighbours differ, so one of the first two is what the others are, or there is no row.
      consider_row(first, last, pieces_[at].target, chosen);
    }
    for (std::size_t split = first + 1; split <= last; ++split) {
      const double cost =
          best(first, split - 1).cost + best(split, last).cost + weight(first, last) + instruction_;
      if (cost < chosen.cost) chosen = {cost, Way::kSplit, split, kNone};
    }
    best(first, last) = chosen;
  }

  void consider_row(std::size_t first, std::size_t last, Index otherwise, Choice& chosen) {
    if (!has_row(first, last, otherwise)) return;
    // Each test is passed by what the ones before it, which are likelier, have left.
    std::array<double, kExact> sorted{};
    std::size_t count = 0;
    for (std::size_t i = first; i <= last; ++i) {
      if (pieces_[i].target == otherwise) continue;
      std::size_t place = count++;
      for (; place > 0 && sorted[place - 1] < pieces_[i].weight; --place) {
        sorted[place] = sorted[place - 1];
      }
      sorted[place] = pieces_[i].weight;
    }
    double left = weight(first, last);
    double cost = 0;
    for (std::size_t k = 0; k < count; ++k) {
      cost += left + instruction_;
      left -= sorted[k];
    }
    if (cost < chosen.cost) chosen = {cost, Way::kRow, 0, otherwise};
  }

  ir::NodeIndex decide(Comparison comparison, std::uint32_t k, ir::NodeIndex then,
                       ir::NodeIndex otherwise) {
    return graph_.decide(comparison, value_, graph_.values.constant(k), then, otherwise);
  }

  // Which are the numbers from `low` on. Zero alone is asked for as such, as other searches do:
  // they can be one.
  ir::NodeIndex decide_at(std::uint32_t low, ir::NodeIndex upper, ir::NodeIndex lower) {
    return low == 1 ? decide(Comparison::kEqual, 0, lower, upper)
                    : decide(Comparison::kGreaterOrEqual, low, upper, lower);
  }

  ir::NodeIndex build(std::size_t first, std::size_t last) {
    if (last - first + 1 <= kExact) {
      solve(first, last);
      return emit(first, last);
    }
    if (const auto otherwise = long_row(first, last)) return emit_row(first, last, *otherwise);
    const std::size_t split = halve(first, last);
    const ir::NodeIndex upper = build(split, last);
    const ir::NodeIndex lower = build(first, split - 1);
    return decide_at(pieces_[split].low, upper, lower);
  }

  // Where the program has to be short above all, a row may be cheaper than what halving makes of
  // it: the same comparisons and, for each fourth to eighth, one more. Nothing else is weighed
  // here.
  std::optional<Index> long_row(std::size_t first, std::size_t last) const {
    const double asked = static_cast<double>(last - first + 1) / 2;
    // What no sample has shown may come all the same, and shall not walk without end.
    const double common = asked / 2 / static_cast<double>(pieces_.size());
    const double coming = std::max(weight(first, last), common);
    if (coming * asked / 2 > instruction_ * asked / 8) return std::nullopt;
    for (std::size_t at = first; at < first + 2; ++at) {
      if (has_row(first, last, pieces_[at].target)) return pieces_[at].target;
    }
    return std::nullopt;
  }

  // By weight, but so that the depth stays logarithmic.
  std::size_t halve(std::size_t first, std::size_t last) const {
    const std::size_t margin = (last - first + 1) / 4;
    const double half = (sums_[first] + sums_[last + 1]) / 2;
    const auto at = std::lower_bound(sums_.begin() + static_cast<std::ptrdiff_t>(first),
                                     sums_.begin() + static_cast<std::ptrdiff_t>(last), half);
    return std::clamp(static_cast<std::size_t>(at - sums_.begin()), first + margin, last - margin);
  }

  ir::NodeIndex emit(std::size_t first, std::size_t last) {
    const Choice choice = best(first, last);
    if (choice.way == Way::kSplit) {
      const ir::NodeIndex upper = emit(choice.split, last);
      const ir::NodeIndex lower = emit(first, choice.split - 1);
      return decide_at(pieces_[choice.split].low, upper, lower);
    }
    if (choice.way == Way::kDone) return pieces_[first].target;
    return emit_row(first, last, choice.otherwise);
  }

  ir::NodeIndex emit_row(std::size_t first, std::size_t last, Index otherwise) {
    const std::vector<std::size_t> asked = row(first, last, otherwise);
    ir::NodeIndex next = otherwise;
    for (auto i = asked.rbegin(); i != asked.rend(); ++i) {
      next = decide(Comparison::kEqual, pieces_[*i].low, pieces_[*i].target, next);
    }
    return next;
  }

  ir::Graph& graph_;
  ir::ValueIndex value_;
  std::vector<Piece> pieces_;
  double instruction_;
  std::vector<double> sums_;
  std::vector<Choice> choices_;  // by first and last piece, of the `solved_` from `base_` on
  std::size_t base_ = 0;
  std::size_t solved_ = 0;
};

std::uint32_t all_ones(std::uint8_t size) {
  return size >= 4 ? ~std::uint32_t{0} : (std::uint32_t{1} << 8U * size) - 1;
}

// What numbers of the field are likely: the part, and the share of packets. Of a Partition or Node.
template <typename T>
std::vector<std::pair<std::size_t, double>> likely_parts(const ir::ValueTable& values,
                                                         const T& partition) {
  std::vector<std::pair<std::size_t, double>> likely;
  Field field = partition.field;
  const ir::Value& value = values[partition.value];
  if (field.size == 0 && value.kind == ir::ValueKind::kLoad) field.size = value.size;
  if (field.size == 0 || field.size == 4) return likely;
  const std::vector<Part>& parts = partition.parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool single = i + 1 < parts.size() ? parts[i + 1].low == parts[i].low + 1
                                             : partition.highest == parts[i].low;
    if (!single) continue;
    const std::uint32_t number = parts[i].low >> field.shift & all_ones(field.size);
    for (const Likely& entry : kLikely) {
      if (entry.size == field.size && entry.value == number) likely.emplace_back(i, entry.share);
    }
  }
  return likely;
}

// By width, and each alike; what is likely takes its share from all others.
std::vector<Piece> guessed_pieces(const ir::ValueTable& values, const Partition& partition) {
  std::vector<Piece> pieces;
  const auto count = partition.parts.size();
  constexpr std::size_t kLong = 16;
  pieces.reserve(count);
  const double range = static_cast<double>(partition.highest) + 1;
  const double each = 1.0 / static_cast<double>(count);
  for (std::size_t i = 0; i < count; ++i) {
    const double end = i + 1 < count ? static_cast<double>(partition.parts[i + 1].low) : range;
    const double width = end - static_cast<double>(partition.parts[i].low);
    // Of a long list, most packets have none of the numbers.
    const bool single = width == 1.0;
    const double own = single && count > kLong ? each / 8 : each;
    pieces.push_back(
        {partition.parts[i].low, partition.parts[i].target, (width / range + own) / 2, single});
  }
  const auto likely = likely_parts(values, partition);
  double known = 0;
  for (const auto& [place, share] : likely) known += share;
  if (known > 1) return pieces;
  for (Piece& piece : pieces) piece.weight *= 1 - known;
  for (const auto& [place, share] : likely) pieces[place].weight += share;
  return pieces;
}

// What has been seen counts for what it is, and the guess for the rest.
std::vector<Piece> weighted_pieces(const ir::ValueTable& values, const Partition& partition) {
  std::vector<Piece> pieces = guessed_pieces(values, partition);
  if (partition.weights.empty()) return pieces;
  const double unseen = 1 - seen(partition.weights);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    pieces[i].weight = partition.weights[i] + unseen * pieces[i].weight;
  }
  return pieces;
}

// How many of the lowest bits no part's beginning has.
unsigned alignment(const Partition& partition) {
  unsigned bits = 32;
  for (const Part& part : partition.parts) {
    bits = std::min(bits, static_cast<unsigned>(std::countr_zero(part.low)));
  }
  return std::min(bits, static_cast<unsigned>(std::countr_one(partition.highest)));
}

struct OneTest {
  Comparison comparison;
  std::uint32_t k;
  ir::NodeIndex then;
  ir::NodeIndex otherwise;
};

// What most partitions are.
std::optional<OneTest> one_test(std::span<const Part> parts, std::uint32_t highest) {
  const Index first = parts[0].target;
  const Index second = parts[1].target;
  const bool two = parts.size() == 2;
  const bool one_between = parts.size() == 3 && parts[2].target == first;
  if (one_between && parts[2].low == parts[1].low + 1) {
    return OneTest{Comparison::kEqual, parts[1].low, second, first};
  }
  if (!two) return std::nullopt;
  if (parts[1].low == 1) return OneTest{Comparison::kEqual, 0, first, second};
  if (parts[1].low == highest) {
    return OneTest{Comparison::kEqual, parts[1].low, second, first};
  }
  return OneTest{Comparison::kGreaterOrEqual, parts[1].low, second, first};
}

// Falls with the cube of the number of parts.
double price(const SearchCost& cost, std::size_t parts) {
  constexpr double kFew = 11;
  const double share = kFew / static_cast<double>(parts);
  return std::max(cost.instruction, cost.of_few * std::min(1.0, share * share * share));
}

void mask_pieces(std::vector<Piece>& pieces, const Partition& partition, std::uint32_t step) {
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const std::uint32_t last = i + 1 < pieces.size() ? pieces[i + 1].low - 1 : partition.highest;
    pieces[i].single = last - pieces[i].low == step;
  }
}

double guessed_share(const ir::ValueTable& values, const Node& node, Index target) {
  // One number of many is rare, though less so than its width says.
  constexpr double kOneNumber = 0.03;
  const auto likely = likely_parts(values, node);
  const double range = static_cast<double>(node.highest) + 1;
  double known = 0;
  double known_to_target = 0;
  for (const auto& [place, share] : likely) {
    known += share;
    if (node.parts[place].target == target) known_to_target += share;
  }
  // Of all other parts.
  double sum = 0;
  double to_target = 0;
  for (std::size_t i = 0; i < node.parts.size(); ++i) {
    const bool is_likely = std::any_of(likely.begin(), likely.end(),
                                       [&](const auto& entry) { return entry.first == i; });
    if (is_likely) continue;
    const double end =
        i + 1 < node.parts.size() ? static_cast<double>(node.parts[i + 1].low) : range;
    const double width = end - static_cast<double>(node.parts[i].low);
    const double share = std::max(width / range, width == 1.0 ? kOneNumber : 0);
    sum += share;
    if (node.parts[i].target == target) to_target += share;
  }
  const double rest = known < 1 && sum > 0 ? (1 - known) / sum : 0;
  return known_to_target + to_target * rest;
}

}  // namespace

double expected_share(const ir::ValueTable& values, const Node& node, Index target) {
  const double guess = guessed_share(values, node, target);
  if (node.weights.empty()) return guess;
  double share = (1 - seen(node.weights)) * guess;
  for (std::size_t i = 0; i < node.parts.size(); ++i) {
    if (node.parts[i].target == target) share += node.weights[i];
  }
  return share;
}

std::optional<ir::NodeIndex> add_one_test(ir::Graph& graph, ir::ValueIndex value,
                                          std::span<const Part> parts, std::uint32_t highest) {
  const auto test = one_test(parts, highest);
  if (!test) return std::nullopt;
  return graph.decide(test->comparison, value, graph.values.constant(test->k), test->then,
                      test->otherwise);
}

ir::NodeIndex add_search(ir::Graph& graph, const Partition& partition, const SearchCost& cost) {
  const auto test = add_one_test(graph, partition.value, partition.parts, partition.highest);
  if (test) return *test;
  std::vector<Piece> pieces = weighted_pieces(graph.values, partition);
  // A number that is much likelier than others goes first; what is left does without it.
  const auto heaviest =
      std::max_element(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) {
        return (a.single ? a.weight : 0) < (b.single ? b.weight : 0);
      });
  if (pieces.size() > kExact && heaviest->single && heaviest->weight >= kHeavy &&
      partition.parts.size() > 2) {
    const auto place = static_cast<std::size_t>(heaviest - pieces.begin());
    const Part taken = partition.parts[place];
    const ir::NodeIndex next = add_search(graph, without_part(partition, place), cost);
    return graph.decide(Comparison::kEqual, partition.value, graph.values.constant(taken.low),
                        taken.target, next);
  }

  const double instruction = price(cost, pieces.size());
  Search plain(graph, partition.value, pieces, instruction);
  const unsigned bits = alignment(partition);
  if (bits == 0 || partition.parts.size() < 2) return plain.build();
  const std::uint32_t step = (std::uint32_t{1} << bits) - 1;
  mask_pieces(pieces, partition, step);
  const auto singles = static_cast<std::size_t>(
      std::count_if(pieces.begin(), pieces.end(), [](const Piece& piece) { return piece.single; }));
  const ir::ValueIndex masked = graph.values.alu(Arithmetic::kAnd, partition.value,
                                                 graph.values.constant(partition.highest & ~step));
  Search aligned(graph, masked, std::move(pieces), instruction);
  const bool use_mask = plain.is_small() ? aligned.weigh() + 1 + instruction < plain.weigh()
                                         : singles > partition.parts.size() / 4;
  return use_mask ? aligned.build() : plain.build();
}

}  // namespace bpfc::sets
