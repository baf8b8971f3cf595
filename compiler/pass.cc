#include "compiler/pass.h"

#include <array>

namespace bpfc {
namespace {

constexpr std::array kPasses = {
    Pass{"fold", "decides what is decided whatever the packet holds", fold},
    Pass{"simplify", "computes the same values in fewer steps", simplify},
    Pass{"facts", "decides what the way to a test has decided already", decide_by_facts},
    Pass{"sets", "asks for a value's place among many by searching", search_sets},
    Pass{"dead", "drops what nothing needs", drop_dead},
    Pass{"tails", "tests alike parts once, with what differs in cells", share_tails},
};

}  // namespace

std::span<const Pass> passes() { return kPasses; }

}  // namespace bpfc
