//! Who hears of a sample: the collectors of a run by their numbers, as workers and the thread of results both know them.

use super::collector::Filter;
use super::jtl_file::Format;
use super::needs::Needs;
use super::{CollectorId, SampleResult};

/// Where an event goes for one collector.
pub(super) enum Route {
    File {
        /// Number of the file.
        file: usize,
        /// Collectors with the same name of their file have the same number: a sample goes to one of them.
        name: usize,
        filter: Filter,
        format: Format,
    },
    /// Number of the summariser.
    Summariser(usize),
    /// Number of the statistics that are kept in memory.
    Live(usize),
}

/// The routes of a run.
pub(super) struct Routes {
    by_id: Vec<Option<Route>>,
    /// What is read of a sample by anybody; events go without the rest.
    pub(super) needs: Needs,
}

impl Routes {
    pub(super) fn new(needs: Needs) -> Self {
        Routes { by_id: Vec::new(), needs }
    }

    pub(super) fn insert(&mut self, id: CollectorId, route: Route) {
        let index = id.0 as usize;
        if index >= self.by_id.len() {
            self.by_id.resize_with(index + 1, || None);
        }
        self.by_id[index] = Some(route);
    }

    /// Those of an event; collectors that could not be opened have none.
    pub(super) fn of<'a>(&'a self, audience: &'a [CollectorId]) -> impl Iterator<Item = &'a Route> {
        audience.iter().filter_map(|id| self.by_id.get(id.0 as usize)?.as_ref())
    }

    /// Calls `write` for each file that gets a sample, in order, once for each name.
    pub(super) fn each_file(
        &self,
        audience: &[CollectorId],
        sample: &SampleResult,
        names: &mut Vec<usize>,
        mut write: impl FnMut(usize, &Format),
    ) {
        names.clear();
        for route in self.of(audience) {
            if let Route::File { file, name, filter, format } = route
                && filter.wants(sample)
                && !names.contains(name)
            {
                names.push(*name);
                write(*file, format);
            }
        }
    }

    /// Whether all files of an event are made of rows.
    pub(super) fn are_rows(&self, audience: &[CollectorId]) -> bool {
        self.of(audience).all(|route| !matches!(route, Route::File { format: Format::Xml(_), .. }))
    }
}
