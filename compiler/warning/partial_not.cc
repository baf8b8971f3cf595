// `not host a and b` is (not host a) and host b: the identifier that inherits its qualifiers does
// not inherit the `not` (pcap-filter(7) has it for `not host vs and ace`).
#include <fmt/format.h>

#include "compiler/warning/warning.h"

namespace bpfc::warning {
namespace {

bool is_inherited(const Tree& tree, ast::NodeIndex node) {
  const auto* identified = tree.get<ast::Identified>(node);
  return identified != nullptr && identified->inherited;
}

bool is_negated_identifier(const Tree& tree, ast::NodeIndex node) {
  const auto* negation = tree.get<ast::Not>(node);
  return negation != nullptr && tree.get<ast::Identified>(negation->operand) != nullptr;
}

// Operands from `first`, which is negated, to `last`: those between inherit.
Diagnostic describe(const Tree& tree, ast::NodeIndex chain, std::uint32_t first,
                    std::uint32_t last) {
  const auto links = tree.links(chain);
  const ast::NodeIndex negated = tree.get<ast::Not>(links[first].operand)->operand;
  const SourceRange operand = tree[negated].range;
  const SourceRange range =
      cover(tree[links[first].operand].range, tree.operands(chain, last, last));
  const bool one_connective = tree.all_links(chain, first + 1, last, links[first + 1].connective);

  // Whichever connective was written, none of them is what `not` suggests.
  std::vector<Piece> pieces = {SourceRange{0, range.begin}, "not (", operand};
  for (std::uint32_t k = first + 1; k <= last; ++k) {
    pieces.emplace_back(" or ");
    pieces.emplace_back(tree.filter().text(tree[links[k].operand].range));
  }
  pieces.emplace_back(")");
  pieces.emplace_back(
      SourceRange{range.end, static_cast<std::uint32_t>(tree.filter().source.size())});
  const std::string next = tree.spelled(tree[links[first + 1].operand].range);
  return {DiagnosticCode::kWarnPartialNot, range,
          fmt::format("'not' negates the first of these only: what follows means '{} {}'",
                      links[first + 1].connective == ast::Connective::kAnd ? "and" : "or", next),
          one_connective ? tree.compose(pieces) : std::string{}};
}

}  // namespace

std::vector<Diagnostic> partial_not(const Tree& tree, const CompileOptions& /*options*/) {
  std::vector<Diagnostic> found;
  for (ast::NodeIndex chain = 0; chain < tree.filter().nodes.size(); ++chain) {
    if (tree.get<ast::Chain>(chain) == nullptr) continue;
    const auto links = tree.links(chain);
    for (std::uint32_t first = 0; first + 1 < links.size(); ++first) {
      if (!is_negated_identifier(tree, links[first].operand)) continue;
      std::uint32_t last = first;
      while (last + 1 < links.size() && is_inherited(tree, links[last + 1].operand)) ++last;
      if (last == first) continue;
      found.push_back(describe(tree, chain, first, last));
      if (found.size() == kMostOfAKind) return found;
      first = last;
    }
  }
  return found;
}

}  // namespace bpfc::warning
