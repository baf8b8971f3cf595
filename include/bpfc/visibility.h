// What the shared library shows.
#pragma once

// `namespace BPFC_PUBLIC bpfc`, in public headers alone: everything else is compiled to be hidden.
#define BPFC_PUBLIC [[gnu::visibility("default")]]
