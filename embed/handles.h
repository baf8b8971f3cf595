// What stands behind the opaque types of bpfc.h.
#pragma once

#include <optional>

#include "bpfc/bpfc.h"
#include "bpfc/interpreter.h"
#include "bpfc/jit.h"
#include "bpfc/verify.h"

struct bpfc_program {
  bpfc::VerifiedProgram verified;
};

// One of the two.
struct bpfc_filter {
  std::optional<bpfc::Jit> jit;
  std::optional<bpfc::Interpreter> interpreter;
};
