// The kernel's judges for `bpfc check`.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/check_programs.h"
#include "judge/engine_comparison.h"

namespace bpfc::cli {

// Not movable: comparisons point at what is in it.
class CheckJudges {
 public:
  // Makes those judges that have something to judge in one of the sets. It moves this thread into
  // a network namespace of its own, where no name can be asked for, and keeps it on one processor.
  explicit CheckJudges(const std::vector<ProgramSet>& sets);
  CheckJudges(const CheckJudges&) = delete;
  CheckJudges& operator=(const CheckJudges&) = delete;

  // Those for this set.
  std::vector<judge::Court*> courts_for(const ProgramSet& set);
  // `AF_PACKET not used: WHY`, a line each.
  std::string notes() const;
  // What befell the judges, as a sentence; said once.
  void add_note(std::string note);

 private:
  struct Bench {
    std::string name;
    std::unique_ptr<judge::KernelJudge> judge;
    judge::Court court;
  };

  void refuse(const std::string& judge, const std::string& why);

  Bench packet_;
  Bench unix_;
  std::vector<std::string> notes_;
};

}  // namespace bpfc::cli
