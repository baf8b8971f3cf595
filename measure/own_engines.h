// Our engines, as contenders.
#pragma once

#include <span>
#include <vector>

#include "bpfc/verify.h"
#include "measure/contender.h"

namespace bpfc::measure {

// A row of the table of engines.
struct OwnEngine {
  const char* name;
  const char* about;
  // An error: why it cannot run here. The contender keeps what it needs.
  Expected<Contender, std::string> (*prepare)(const VerifiedProgram& program);
};

// From the plainest to the fastest.
std::span<const OwnEngine> own_engines();

}  // namespace bpfc::measure
