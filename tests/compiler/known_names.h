// Names of every kind, for tests of filters with names.
#pragma once

#include "bpfc/name_resolver.h"

namespace bpfc::testing {

TableNameResolver known_names();

}  // namespace bpfc::testing
