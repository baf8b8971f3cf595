#include "jit/load_request.h"

#include <algorithm>

#include "vm/opcode.h"
#include "vm/packet_load.h"
#include "vm/special_load.h"

namespace bpfc::jit {

LoadAnswer answer(const LoadRequest* request) noexcept {
  const auto rules = static_cast<Rules>(request->rules);
  const DecodedInstruction load = {static_cast<Operation>(request->operation), request->k, 0, 0};
  const std::uint32_t size = load_size(load.operation);
  const bool indexed = info(load.operation).format == OperandFormat::kIndexed;
  std::uint64_t offset = request->k;
  if (indexed) offset += request->x;
  if (indexed && rules == Rules::kKernel) offset = static_cast<std::uint32_t>(offset);

  const std::uint32_t plain_length =
      std::min(request->captured, rules == Rules::kKernel ? kFirstSpecialOffset : kAncillaryBase);
  LoadOutcome outcome;
  if (offset + size <= plain_length) {
    outcome.value = read_big_endian(request->data + offset, size);
  } else {
    const Packet packet = request->context != nullptr
                              ? *request->context
                              : to_packet({request->data, request->captured, request->length});
    outcome = indexed ? load_indexed_beyond(offset, size, packet, rules)
                      : load_absolute_beyond(load, request->a, request->x, packet, rules);
  }
  return LoadAnswer{outcome.ends_program ? 1U : 0U} << 32U | outcome.value;
}

}  // namespace bpfc::jit
