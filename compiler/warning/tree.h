// A filter's tree with the ways up, and new texts made of its parts.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bpfc/compile.h"
#include "grammar/ast.h"

namespace bpfc::warning {

inline constexpr ast::NodeIndex kNone = ~ast::NodeIndex{0};

// A part of a new text: a part of the filter, or words.
using Piece = std::variant<SourceRange, std::string_view>;

// Keeps a reference to the filter, which must have a root.
class Tree {
 public:
  explicit Tree(const ast::Filter& filter);

  const ast::Filter& filter() const { return filter_; }
  const ast::Node& operator[](ast::NodeIndex node) const { return filter_.nodes[node]; }
  template <typename Kind>
  const Kind* get(ast::NodeIndex node) const {
    return std::get_if<Kind>(&filter_.nodes[node].value);
  }

  // kNone: of the root, and of what belongs to no tree.
  ast::NodeIndex parent(ast::NodeIndex node) const { return parent_[node]; }
  // Among the operands of the chain that is the parent.
  std::uint32_t position(ast::NodeIndex node) const { return position_[node]; }

  std::span<const ast::ChainLink> links(ast::NodeIndex chain) const;
  // From the first of these operands to the last, with all parentheses that are theirs.
  SourceRange operands(ast::NodeIndex chain, std::uint32_t first, std::uint32_t last) const;
  // Whether these links, the first included, all have the connective.
  bool all_links(ast::NodeIndex chain, std::uint32_t first, std::uint32_t last,
                 ast::Connective connective) const;
  // The nodes below an operand and itself are those from here up to it.
  ast::NodeIndex first_node(ast::NodeIndex chain, std::uint32_t position) const;

  // The text there, with qualifiers that are inherited from outside written out.
  std::string spelled(SourceRange range) const;
  // The pieces, one after the other, each range spelled out. Empty where the filter is too long for
  // hints.
  std::string compose(std::initializer_list<Piece> pieces) const {
    return compose(std::span(pieces.begin(), pieces.size()));
  }
  std::string compose(std::span<const Piece> pieces) const;
  // The whole filter, with the pieces in place of the range.
  std::string replace(SourceRange range, std::initializer_list<Piece> pieces) const;

 private:
  SourceRange operand(ast::NodeIndex chain, std::uint32_t position) const;

  const ast::Filter& filter_;
  std::vector<ast::NodeIndex> parent_;
  std::vector<std::uint32_t> position_;
};

// Calls `visit` with each accessor (`tcp[13]`) of a relation, the outer ones first.
template <typename Visit>
void for_each_accessor(const ast::Filter& filter, const ast::Relation& relation, Visit visit) {
  std::vector<ast::ArithmeticIndex> pending = {relation.right, relation.left};
  while (!pending.empty()) {
    const ast::Arithmetic& node = filter.arithmetic[pending.back()];
    pending.pop_back();
    if (const auto* accessor = std::get_if<ast::Accessor>(&node.value)) {
      visit(*accessor);
      pending.push_back(accessor->index);
    } else if (const auto* binary = std::get_if<ast::Binary>(&node.value)) {
      pending.push_back(binary->right);
      pending.push_back(binary->left);
    } else if (const auto* negate = std::get_if<ast::Negate>(&node.value)) {
      pending.push_back(negate->operand);
    }
  }
}

}  // namespace bpfc::warning
