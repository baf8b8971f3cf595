#include "compiler/lowering.h"

#include <fmt/format.h>

#include "compiler/protocol_numbers.h"

namespace bpfc {

Lowering::Lowering(const ast::Filter& tree, const CompileOptions& compile_options,
                   ir::Graph& target)
    : filter(tree), options(compile_options), graph(target) {
  const LinkRules& rules = *options.link_type->rules;
  context.link_type = options.link_type;
  context.cooked_socket = live() && rules.cooked_header > 0;
  context.type.constant = rules.type_offset;
  context.payload.constant = context.cooked_socket ? 0 : rules.payload_offset;
  context.network_no_snap = rules.network_no_snap;
}

void Lowering::fail(DiagnosticCode code, SourceRange range, std::string message, std::string hint) {
  throw LoweringFailure{{code, range, std::move(message), std::move(hint)}};
}

std::string Lowering::with_replacement(SourceRange range, std::string_view text) const {
  constexpr std::size_t kLongest = 4096;
  if (filter.source.size() > kLongest) return {};
  const std::string_view source = filter.source;
  return fmt::format("{}{}{}", source.substr(0, range.begin), text, source.substr(range.end));
}

void Lowering::check_maximum(std::uint32_t value, std::uint32_t maximum, SourceRange range,
                             std::string_view what) {
  if (value <= maximum) return;
  fail(DiagnosticCode::kTooLarge, range,
       fmt::format("{} {} is greater than its maximum {}", what, value, maximum));
}

void Lowering::fail_on_link_type(std::string_view keyword, SourceRange range) const {
  fail(DiagnosticCode::kUnsupportedLinkType, range,
       fmt::format("'{}' is not supported on link type {}", keyword, context.link_type->name));
}

std::uint32_t Lowering::new_cell(SourceRange range) {
  if (next_cell_ == ir::kMaxCells) {
    fail(DiagnosticCode::kTooComplex, range,
         "too many encapsulations and protocol chains whose headers vary in length");
  }
  graph.cell_count = next_cell_ + 1;
  return next_cell_++;
}

ir::ValueIndex Lowering::load(HeaderOffset at, std::uint8_t size) {
  return graph.values.load(size, at.base, at.constant);
}

ir::ValueIndex Lowering::load_type() {
  if (context.cooked_socket) return graph.values.ancillary(0);  // SKF_AD_PROTOCOL
  return load(context.type, 2);
}

ir::ValueIndex Lowering::address(HeaderOffset at) {
  if (at.base == ir::kNoValue) return constant(at.constant);
  return graph.values.alu(Arithmetic::kAdd, at.base, constant(at.constant));
}

ir::ValueIndex Lowering::load_link(std::uint32_t offset, std::uint8_t size) {
  if (context.cooked_socket) {
    fail(DiagnosticCode::kUnsupportedLinkType, current,
         fmt::format("a live {} socket does not show the bytes of the link-layer header",
                     context.link_type->name));
  }
  return load(context.link_header.plus(offset), size);
}

HeaderOffset Lowering::ip4_payload() {
  auto& values = graph.values;
  const ir::ValueIndex first = load(network(), 1);
  const ir::ValueIndex length = values.alu(
      Arithmetic::kShiftLeft, values.alu(Arithmetic::kAnd, first, constant(0xf)), constant(2));
  const HeaderOffset header = network();
  if (header.base == ir::kNoValue) return {length, header.constant};
  return {values.alu(Arithmetic::kAdd, length, header.base), header.constant};
}

HeaderOffset Lowering::ip6_payload() const {
  constexpr std::uint32_t kIp6Header = 40;
  return network().plus(kIp6Header);
}

ConditionIndex Lowering::equal(ir::ValueIndex value, std::uint32_t k) {
  return conditions.test(Comparison::kEqual, value, constant(k));
}

ConditionIndex Lowering::equal(ir::ValueIndex value, std::uint32_t k, std::uint32_t mask) {
  if (mask == 0xffffffffU) return equal(value, k);
  return equal(graph.values.alu(Arithmetic::kAnd, value, constant(mask)), k);
}

ConditionIndex Lowering::greater(ir::ValueIndex value, std::uint32_t k) {
  return conditions.test(Comparison::kGreater, value, constant(k));
}

ConditionIndex Lowering::greater_or_equal(ir::ValueIndex value, std::uint32_t k) {
  return conditions.test(Comparison::kGreaterOrEqual, value, constant(k));
}

ConditionIndex Lowering::equal_bytes(HeaderOffset at, std::span<const std::uint8_t> bytes) {
  std::vector<ConditionLink> links;
  std::size_t left = bytes.size();
  for (const std::uint8_t size : {std::uint8_t{4}, std::uint8_t{2}, std::uint8_t{1}}) {
    while (left >= size) {
      left -= size;
      std::uint32_t k = 0;
      for (std::size_t i = 0; i < size; ++i) k = k << 8U | bytes[left + i];
      links.push_back(
          {Join::kAnd, equal(load(at.plus(static_cast<std::uint32_t>(left)), size), k)});
    }
  }
  return conditions.chain(links);
}

ConditionIndex Lowering::first_fragment() {
  constexpr std::uint32_t kFragmentField = 6;
  constexpr std::uint32_t kFragmentOffset = 0x1fff;
  return conditions.negate(conditions.test(
      Comparison::kAnyBit, load(network().plus(kFragmentField), 2), constant(kFragmentOffset)));
}

}  // namespace bpfc
