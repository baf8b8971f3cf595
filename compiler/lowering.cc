#include "compiler/lowering.h"

#include <fmt/format.h>

#include "compiler/link/atm.h"

namespace bpfc {

Lowering::Lowering(const ast::Filter& tree, const CompileOptions& compile_options,
                   ir::Graph& target)
    : filter(tree), options(compile_options), graph(target) {
  const LinkRules& rules = *options.link_type->rules;
  context.link_type = options.link_type;
  context.cooked_socket = live() && rules.cooked_header > 0;
  context.link_header.constant = rules.link_header;
  if (rules.variable.find_link_header != nullptr) {
    link_header_cell_ = new_cell({});
    context.link_header.base = graph.values.cell(*link_header_cell_);
  }
  context.type = context.link_header.plus(rules.type_offset);
  if (rules.variable.find_payload != nullptr) {
    payload_cell_ = new_cell({});
    context.payload.base = graph.values.cell(*payload_cell_);
  } else if (!context.cooked_socket) {
    context.payload = context.link_header.plus(rules.payload_offset);
  }
  context.network = rules.network;
  context.network_no_snap = rules.network_no_snap;
  outermost_ = context;
}

bool Lowering::is_read(std::uint32_t cell) const {
  const std::uint64_t bit = std::uint64_t{1} << cell;
  for (ir::ValueIndex i = 0; i < graph.values.size(); ++i) {
    if (graph.values[i].kind == ir::ValueKind::kCell) continue;
    if ((graph.values.facts(i).cells & bit) != 0) return true;
  }
  return false;
}

// As in libpcap the places are computed whenever the filter looks behind them anywhere: `less 100
// or type mgt` rejects a packet that is too short to say where 802.11 starts.
ConditionIndex Lowering::with_prologue(ConditionIndex root) {
  const LinkRules& rules = *options.link_type->rules;
  std::optional<ConditionIndex> payload;
  std::optional<ConditionIndex> link_header;
  if (payload_cell_ && is_read(*payload_cell_)) {
    payload = rules.variable.find_payload(*this, *payload_cell_);
  }
  if (link_header_cell_ && is_read(*link_header_cell_)) {
    link_header = rules.variable.find_link_header(*this, *link_header_cell_);
  }
  std::vector<ConditionLink> links;
  if (rules.is_link_type != nullptr) links.push_back({Join::kAnd, rules.is_link_type(*this)});
  if (link_header) links.push_back({Join::kAnd, *link_header});
  if (payload) links.push_back({Join::kAnd, *payload});
  if (links.empty()) return root;
  links.push_back({Join::kAnd, root});
  return conditions.chain(links);
}

// A tunnel's frame has no link-layer header where that and the payload are one place, as they are,
// both 0, where the tunnel has not matched. VLAN tags in between, which are constants, do not
// count.
std::optional<ConditionIndex> Lowering::has_link_header() {
  switch (context.link_guard) {
    case LinkGuard::kNone:
      return std::nullopt;
    case LinkGuard::kLane:
      return is_lane_frame(*this);
    case LinkGuard::kTunnel:
      break;
  }
  return conditions.negate(conditions.test(Comparison::kEqual, address({context.link_header.base}),
                                           address({context.payload.base})));
}

void Lowering::enter_ethernet(HeaderOffset frame) {
  const LinkType& ethernet = ethernet_link_type();
  context.link_type = &ethernet;
  context.link_header = frame;
  context.type = frame.plus(ethernet.rules->type_offset);
  context.payload = frame.plus(ethernet.rules->payload_offset);
  context.network = ethernet.rules->network;
  context.network_no_snap = ethernet.rules->network_no_snap;
  context.cooked_socket = false;
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

void Lowering::fail_on_name(std::string_view what, std::string_view name, SourceRange range,
                            const NameError* error, std::string hint) const {
  std::string why;
  if (options.resolver == nullptr) {
    why = ": names are not looked up here";
  } else if (error != nullptr && error->kind != NameError::Kind::kUnknown) {
    why = fmt::format(": {}", error->message);
  }
  fail(DiagnosticCode::kUnknownName, range, fmt::format("unknown {} '{}'{}", what, name, why),
       std::move(hint));
}

void Lowering::check_maximum(std::uint32_t value, std::uint32_t maximum, SourceRange range,
                             std::string_view what) {
  if (value <= maximum) return;
  fail(DiagnosticCode::kTooLarge, range,
       fmt::format("{} {} is greater than its maximum {}", what, value, maximum));
}

void Lowering::fail_on_link_type(std::string_view keyword, SourceRange range,
                                 std::string_view only_on) const {
  fail(DiagnosticCode::kUnsupportedLinkType, range,
       fmt::format("'{}' is not supported on {}{}{}", keyword, innermost_link(),
                   only_on.empty() ? "" : ", only on ", only_on));
}

std::string Lowering::innermost_link() const {
  const bool inner = !(context.link_header == outermost_.link_header);
  return fmt::format("link type {}{}", context.link_type->name,
                     inner ? " (inside the encapsulation before it)" : "");
}

std::string_view Lowering::first_word(SourceRange range) const {
  const std::string_view text = filter.text(range);
  return text.substr(0, text.find_first_of(" \t\r\n(<>=!"));
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
