// A part of the filter that no packet can match, although the whole matches some.
//
// The whole is a choice of alternatives, each under what `and` joins with the choice: in
// `(udp or port 80) and tcp` the alternatives are `udp` and `port 80`, both under `tcp`. One is
// dead where the optimizer proves of it and all that it stands under, taken as a filter of their
// own, that nothing matches. Headers are where the whole filter has them: its tree is lowered
// whole, with another root.
#include <algorithm>

#include "compiler/lowering.h"
#include "compiler/warning/proof.h"
#include "compiler/warning/warning.h"

namespace bpfc::warning {
namespace {

using ast::Connective;
using ast::NodeIndex;

// There is a proof for each node of the tree, each as long as the filter: past so many nodes, or so
// many of the graph, none is tried.
constexpr std::size_t kMostNodes = 128;
constexpr std::size_t kMostTests = 2000;

// What an alternative stands under.
using Context = std::vector<NodeIndex>;

// The operands of a chain up to this one. The last connective decides what they are.
struct Prefix {
  NodeIndex chain;
  std::uint32_t count;
};

class Finder {
 public:
  Finder(const Tree& tree, const CompileOptions& options)
      : tree_(tree), options_(options), filter_(tree.filter()) {}

  std::vector<Diagnostic> run() {
    const NodeIndex root = *tree_.filter().root;
    if (filter_.nodes.size() > kMostNodes) return {};
    const auto graph = lower(filter_, options_);
    if (!graph || graph->size() > kMostTests) return {};
    // Of the whole filter the compiler itself says it.
    if (!is_dead(root, {})) look_into(root, {});
    return std::move(found_);
  }

 private:
  bool is_dead(NodeIndex node, Context context) {
    const std::size_t nodes = filter_.nodes.size();
    const std::size_t links = filter_.links.size();
    context.push_back(node);
    if (context.size() == 1) {
      filter_.root = node;
    } else {
      std::sort(context.begin(), context.end(), [&](NodeIndex left, NodeIndex right) {
        return filter_.nodes[left].range.begin < filter_.nodes[right].range.begin;
      });
      for (const NodeIndex operand : context) {
        filter_.links.push_back({Connective::kAnd, operand});
      }
      add_chain(static_cast<std::uint32_t>(links), static_cast<std::uint32_t>(context.size()));
      filter_.root = static_cast<NodeIndex>(nodes);
    }
    const bool dead = matches_nothing(filter_, options_);
    filter_.nodes.resize(nodes);
    filter_.links.resize(links);
    return dead;
  }

  NodeIndex add_chain(std::uint32_t first, std::uint32_t count) {
    const SourceRange range = filter_.nodes[filter_.links[first].operand].range;
    filter_.nodes.push_back({range, ast::Chain{first, count}});
    return static_cast<NodeIndex>(filter_.nodes.size() - 1);
  }

  // The prefix as a node; a new one has to be removed again.
  NodeIndex node_of(const Prefix& prefix) {
    const auto links = tree_.links(prefix.chain);
    if (prefix.count == 1) return links[0].operand;
    if (prefix.count == links.size()) return prefix.chain;
    return add_chain(std::get<ast::Chain>(filter_.nodes[prefix.chain].value).first, prefix.count);
  }

  // Both of these look into what matches something in its context.
  void look_into(NodeIndex node, const Context& context) {
    if (found_.size() >= kMostOfAKind) return;
    if (const auto* negation = tree_.get<ast::Not>(node)) {
      const auto* chain = tree_.get<ast::Chain>(negation->operand);
      if (chain == nullptr) return;
      // What cannot match here makes `not` hold always: that is no matter of what stands around it.
      if (is_dead(negation->operand, {})) {
        report({negation->operand, chain->count}, 0, {});
      } else {
        look_into(negation->operand, {});
      }
    } else if (const auto* chain = tree_.get<ast::Chain>(node)) {
      look_into(Prefix{node, chain->count}, context);
    }
  }

  void look_into(Prefix prefix, Context context) {
    const auto links = tree_.links(prefix.chain);
    std::uint32_t choice = prefix.count;
    while (--choice > 0 && links[choice].connective == Connective::kAnd) continue;
    const std::size_t nodes = filter_.nodes.size();
    // choice = 0: there is none, and the prefix is the one operand that the others stand by.
    const NodeIndex chosen = node_of({prefix.chain, choice + 1});
    look_into_conjunction(prefix, choice, chosen, context);
    if (choice > 0) {
      for (std::uint32_t k = choice + 1; k < prefix.count; ++k) context.push_back(links[k].operand);
      look_at_left({prefix.chain, choice}, context);
      look_at_right(prefix.chain, choice, context);
    }
    filter_.nodes.resize(nodes);
  }

  // What `and` joins: the choice (or the first operand), and the operands behind it.
  void look_into_conjunction(const Prefix& prefix, std::uint32_t choice, NodeIndex chosen,
                             const Context& context) {
    const auto links = tree_.links(prefix.chain);
    for (std::uint32_t k = choice == 0 ? 0 : choice + 1; k < prefix.count; ++k) {
      Context around = context;
      if (k > 0) around.push_back(chosen);
      for (std::uint32_t other = choice + 1; other < prefix.count; ++other) {
        if (other != k) around.push_back(links[other].operand);
      }
      look_into(links[k].operand, around);
    }
  }

  void look_at_left(const Prefix& left, const Context& context) {
    if (left.count > 1 && tree_.links(left.chain)[left.count - 1].connective == Connective::kOr) {
      look_into(left, context);
      return;
    }
    const std::size_t nodes = filter_.nodes.size();
    const bool dead = is_dead(node_of(left), context);
    filter_.nodes.resize(nodes);
    if (dead) {
      report(left, 0, context);
    } else if (left.count > 1) {
      look_into(left, context);
    } else {
      look_into(tree_.links(left.chain)[0].operand, context);
    }
  }

  void look_at_right(NodeIndex chain, std::uint32_t position, const Context& context) {
    const NodeIndex operand = tree_.links(chain)[position].operand;
    if (is_dead(operand, context)) {
      report({chain, position + 1}, position, context);
    } else {
      look_into(operand, context);
    }
  }

  // The operands from `first` to the end of the prefix are dead.
  void report(const Prefix& prefix, std::uint32_t first, const Context& context) {
    if (found_.size() >= kMostOfAKind) return;
    const std::uint32_t last = prefix.count - 1;
    const std::size_t nodes = filter_.nodes.size();
    const NodeIndex node = first == 0 ? node_of(prefix) : tree_.links(prefix.chain)[last].operand;
    const bool alone = context.empty() || is_dead(node, {});
    filter_.nodes.resize(nodes);
    found_.push_back({DiagnosticCode::kWarnDeadBranch, tree_.operands(prefix.chain, first, last),
                      alone ? "no packet can match this part of the expression"
                            : "no packet can match both this and what 'and' joins it with",
                      hint(prefix, first, alone)});
  }

  std::string hint(const Prefix& prefix, std::uint32_t first, bool alone) {
    const auto links = tree_.links(prefix.chain);
    const std::uint32_t last = prefix.count - 1;
    const SourceRange range = tree_.operands(prefix.chain, first, last);
    // Of two primitives that exclude each other, either was meant; or, `tcp and vlan`, the other
    // order.
    const auto either = [&](NodeIndex chain) {
      const bool swap = is_encapsulation(tree_.links(chain)[1].operand);
      if (swap) {
        return tree_.replace(tree_.operands(chain, 0, 1),
                             {tree_.operands(chain, 1, 1), " and ", tree_.operands(chain, 0, 0)});
      }
      return tree_.replace(tree_.operands(chain, 0, 1),
                           {tree_.operands(chain, 0, 0), " or ", tree_.operands(chain, 1, 1)});
    };
    if (alone && first == 0 && prefix.count == 2 && begins_with_pair(prefix.chain)) {
      return either(prefix.chain);
    }
    const NodeIndex operand = links[last].operand;
    if (alone && first == last && tree_.get<ast::Chain>(operand) != nullptr &&
        tree_.links(operand).size() == 2 && begins_with_pair(operand)) {
      return either(operand);
    }
    // It can go, unless it moves headers.
    const NodeIndex begin = tree_.first_node(prefix.chain, first);
    for (NodeIndex node = begin; node <= operand; ++node) {
      if (is_encapsulation(node)) return {};
    }
    if (first > 0) {
      const SourceRange before = tree_.operands(prefix.chain, 0, first - 1);
      return tree_.replace({before.end, range.end}, {});
    }
    if (prefix.count == links.size()) return {};
    const SourceRange next = tree_.operands(prefix.chain, prefix.count, prefix.count);
    return tree_.replace({range.begin, next.begin}, {});
  }

  bool is_encapsulation(NodeIndex node) const {
    return tree_.get<ast::Encapsulation>(node) != nullptr;
  }

  // Two primitives that `and` joins, and that match something each.
  bool begins_with_pair(NodeIndex chain) {
    const auto links = tree_.links(chain).first(2);
    return links[1].connective == Connective::kAnd &&
           std::none_of(links.begin(), links.end(), [&](const ast::ChainLink& link) {
             return tree_.get<ast::Chain>(link.operand) != nullptr ||
                    tree_.get<ast::Not>(link.operand) != nullptr || is_dead(link.operand, {});
           });
  }

  const Tree& tree_;
  const CompileOptions& options_;
  ast::Filter filter_;  // grows behind the tree's nodes, and shrinks again
  std::vector<Diagnostic> found_;
};

}  // namespace

std::vector<Diagnostic> dead_branch(const Tree& tree, const CompileOptions& options) {
  return Finder(tree, options).run();
}

}  // namespace bpfc::warning
