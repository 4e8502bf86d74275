#include "crawler/service/crawler.h"

#include "crawler/service/scheduler.h"
#include "platform/logging/logging.h"

namespace vigie::crawler {

class Crawler::Impl {
 public:
  Impl(CrawlerOptions options, Seams seams, SourceList sources)
      : clock_(seams.clock),
        resolver_(seams.resolver == nullptr ? make_system_resolver() : nullptr),
        scheduler_(std::move(options), with_resolver(std::move(seams)), std::move(sources)) {}

  Result<void> run(const std::stop_token& stop) {
    const std::shared_ptr<EventQueue> events = scheduler_.events();
    const std::stop_callback wake(stop, [events] { events->wake(); });
    VIGIE_TRY(scheduler_.start());
    while (!stop.stop_requested()) {
      VIGIE_ASSIGN(const std::chrono::milliseconds next, scheduler_.tick());
      if (!stop.stop_requested()) events->wait(clock_, next);
    }
    scheduler_.stop_starting();
    const auto deadline = clock_.since_boot() + CrawlerOptions::kFinishTime;
    while (!scheduler_.idle() && clock_.since_boot() < deadline) {
      VIGIE_ASSIGN(const std::chrono::milliseconds next, scheduler_.tick());
      if (!scheduler_.idle()) events->wait(clock_, std::min(next, deadline));
    }
    return scheduler_.finish();
  }

  Scheduler& scheduler() { return scheduler_; }

 private:
  Seams with_resolver(Seams seams) const {
    if (resolver_) seams.resolver = resolver_.get();
    return seams;
  }

  Clock& clock_;
  std::unique_ptr<Resolver> resolver_;
  Scheduler scheduler_;
};

Crawler::Crawler(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Crawler::~Crawler() = default;

Result<std::unique_ptr<Crawler>> Crawler::make(const config::Settings& settings, Seams seams) {
  CrawlerOptions options = read_options(settings);
  if (!seams.instance.empty()) options.instance = seams.instance;
  VIGIE_TRY(curl_options(settings));
  if (const std::string warning = contact_warning(settings); !warning.empty())
    logging::warn(warning);
  VIGIE_ASSIGN(SourceList sources, load_sources(options.source_files));
  if (!sources.problems.empty()) {
    for (const SourceProblem& problem : sources.problems)
      logging::error("source file has a problem", {{"problem", problem.to_string()}});
    const SourceProblem& first = sources.problems.front();
    std::string detail = first.message;
    if (sources.problems.size() > 1)
      detail += "; and " + std::to_string(sources.problems.size() - 1) +
                " more: `vigie sources check` lists them";
    return failure(Disposition::kStop, "bad_sources", std::move(detail), first.where);
  }
  return std::unique_ptr<Crawler>(new Crawler(
      std::make_unique<Impl>(std::move(options), std::move(seams), std::move(sources))));
}

Result<void> Crawler::run(std::stop_token stop) { return impl_->run(stop); }

void Crawler::reload() {
  impl_->scheduler().request_reload();
  impl_->scheduler().events()->wake();
}

Reachability Crawler::reachability() const { return impl_->scheduler().reachability(); }

}  // namespace vigie::crawler
