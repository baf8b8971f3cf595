// Every fallible function of bpfc returns Expected<T, E>: tl::expected, always that one type,
// whatever the standard library offers, so that no macro of the user's changes the ABI.
#pragma once

#include <tl/expected.hpp>

namespace bpfc {

template <typename T, typename E>
using Expected = tl::expected<T, E>;

template <typename E>
using Unexpected = tl::unexpected<E>;

}  // namespace bpfc
