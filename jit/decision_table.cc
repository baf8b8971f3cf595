// The nodes of a decision ask for tests in the order in which the program came to them, some again
// that were asked before. They are made into an ordered diagram: on every way each test at most
// once, in ascending order, equal nodes being one. The order is cut into levels of up to thirteen
// tests. Those nodes of the diagram that ways across a cut lead to are the rows of the level behind
// it. For
//
//   test 0 ? (test 1 ? A : B) : B
//
// there is one level of two bits: the words B, B, B, A.
#include "jit/decision_table.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace bpfc::jit {
namespace {

constexpr unsigned kMostBits = 13;
constexpr std::size_t kMostDiagramNodes = 4096;
constexpr std::size_t kMostWords = 8192;

// An ordered decision diagram. Nodes are indices; outcomes are from kFirstOutcome on.
class Diagram {
 public:
  explicit Diagram(const FieldDecision& decision)
      : decision_(decision), of_node_(decision.nodes.size()) {}

  // None: too large.
  std::optional<std::uint32_t> build() {
    const std::uint32_t root = of(decision_.start);
    if (nodes_.size() > kMostDiagramNodes) return std::nullopt;
    return root;
  }

  std::uint32_t test(std::uint32_t node) const {
    return node >= kFirstOutcome ? kFirstOutcome : nodes_[node].test;
  }
  std::uint32_t way(std::uint32_t node, bool taken) const {
    return taken ? nodes_[node].on_true : nodes_[node].on_false;
  }

 private:
  std::uint32_t of(std::uint32_t decided) {
    if (decided >= kFirstOutcome) return decided;
    if (!of_node_[decided]) {
      const DecisionNode& node = decision_.nodes[decided];
      const std::uint32_t on_true = of(node.on_true);
      const std::uint32_t on_false = node.on_false == node.on_true ? on_true : of(node.on_false);
      of_node_[decided] = node.otherwise ? agreed(on_true, on_false, *node.otherwise)
                                         : choose(node.test, on_true, on_false);
    }
    return *of_node_[decided];
  }

  std::uint32_t node(std::uint32_t test, std::uint32_t on_true, std::uint32_t on_false) {
    if (on_true == on_false) return on_true;
    const auto [at, is_new] = known_.try_emplace(std::tuple(test, on_true, on_false),
                                                 static_cast<std::uint32_t>(nodes_.size()));
    if (is_new) nodes_.push_back({test, on_true, on_false});
    return at->second;
  }

  // The node without that test, its result being so.
  std::uint32_t restricted(std::uint32_t node, std::uint32_t by, bool result) const {
    return test(node) == by ? way(node, result) : node;
  }

  // test ? on_true : on_false, whichever tests those start with.
  std::uint32_t choose(std::uint32_t by, std::uint32_t on_true, std::uint32_t on_false) {
    if (on_true == on_false || nodes_.size() > kMostDiagramNodes) return on_true;
    const std::uint32_t top = std::min({by, test(on_true), test(on_false)});
    if (top == by) return node(by, restricted(on_true, by, true), restricted(on_false, by, false));
    const auto key = std::tuple(by, on_true, on_false);
    if (const auto found = chosen_.find(key); found != chosen_.end()) return found->second;
    const std::uint32_t high =
        choose(by, restricted(on_true, top, true), restricted(on_false, top, true));
    const std::uint32_t low =
        choose(by, restricted(on_true, top, false), restricted(on_false, top, false));
    return chosen_[key] = node(top, high, low);
  }

  // What both say, or `otherwise`.
  std::uint32_t agreed(std::uint32_t one, std::uint32_t other, std::uint32_t otherwise) {
    if (one == other || nodes_.size() > kMostDiagramNodes) return one;
    const std::uint32_t top = std::min(test(one), test(other));
    if (top == kFirstOutcome) return otherwise;
    const auto key = std::tuple(one, other, otherwise);
    if (const auto found = agreed_.find(key); found != agreed_.end()) return found->second;
    const std::uint32_t high =
        agreed(restricted(one, top, true), restricted(other, top, true), otherwise);
    const std::uint32_t low =
        agreed(restricted(one, top, false), restricted(other, top, false), otherwise);
    return agreed_[key] = node(top, high, low);
  }

  using Key = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>;

  const FieldDecision& decision_;
  std::vector<std::optional<std::uint32_t>> of_node_;
  std::vector<DecisionNode> nodes_;
  std::map<Key, std::uint32_t> known_;
  std::map<Key, std::uint32_t> chosen_;
  std::map<Key, std::uint32_t> agreed_;
};

// Where the results of a level's first tests are known.
struct Known {
  unsigned first;       // test of the level
  unsigned end;         // behind its last
  unsigned bits;        // how many results are known
  std::size_t results;  // a bit each
};

// Those words of a row that have the known results.

template <typename WordOf>
void fill(std::span<std::uint32_t> row, const Diagram& diagram, std::uint32_t node,
          const Known& known, const WordOf& word_of) {
  if (diagram.test(node) >= known.end) {
    const std::uint32_t word = word_of(node);
    for (std::size_t i = known.results; i < row.size(); i += std::size_t{1} << known.bits) {
      row[i] = word;
    }
    return;
  }
  const bool asked = diagram.test(node) == known.first + known.bits;
  for (const bool taken : {false, true}) {
    const std::size_t results = known.results | static_cast<std::size_t>(taken) << known.bits;
    fill(row, diagram, asked ? diagram.way(node, taken) : node,
         {known.first, known.end, known.bits + 1, results}, word_of);
  }
}

}  // namespace

std::optional<std::vector<TableLevel>> decision_tables(const FieldDecision& decision,
                                                       std::span<const std::uint32_t> words) {
  Diagram diagram(decision);
  const auto root = diagram.build();
  if (!root) return std::nullopt;
  const auto tests = static_cast<unsigned>(decision.tests.size() + decision.sets.size());
  const unsigned count = (tests + kMostBits - 1) / kMostBits;
  std::vector<TableLevel> levels(count);
  std::vector<std::uint32_t> rows = {*root};
  std::size_t total = 0;
  unsigned first = 0;
  for (unsigned i = 0; i < count; ++i) {
    TableLevel& level = levels[i];
    level.bits = (tests - first + (count - i) - 1) / (count - i);
    const unsigned end = first + level.bits;
    const std::size_t row_words = std::size_t{1} << level.bits;
    total += rows.size() * row_words;
    if (total > kMostWords) return std::nullopt;
    const unsigned next_bits =
        i + 1 < count ? (tests - end + (count - i - 1) - 1) / (count - i - 1) : 0;
    std::vector<std::uint32_t> next_rows;
    const auto word_of = [&](std::uint32_t node) {
      if (i + 1 == count) return words[node - kFirstOutcome];
      auto found = std::find(next_rows.begin(), next_rows.end(), node);
      if (found == next_rows.end()) found = next_rows.insert(next_rows.end(), node);
      return static_cast<std::uint32_t>(
          static_cast<std::size_t>(found - next_rows.begin()) * sizeof(std::uint32_t) << next_bits);
    };
    level.words.resize(rows.size() * row_words);
    for (std::size_t row = 0; row < rows.size(); ++row) {
      const std::span into(level.words.data() + row * row_words, row_words);
      fill(into, diagram, rows[row], {first, end, 0, 0}, word_of);
    }
    rows = std::move(next_rows);
    first = end;
  }
  return levels;
}

}  // namespace bpfc::jit
