//! From files and options to the two tables (`JMeter.initializeProperties`).

use std::io;
use std::path::{Path, PathBuf};

use super::file::{self, MalformedEscape};
use super::{Properties, SystemProperties, defaults};
use crate::text::Text;

/// The class whose log lines these are.
const TARGET: &str = "org.apache.jmeter.JMeter";

/// One option that changes properties. They take effect in the order in which they were typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Override {
    /// `-q FILE` or `-S FILE`.
    AddFile(PathBuf),
    /// `-Jname=value` or `-Dname=value`. An empty value removes the property, as in JMeter.
    Define(Text, Text),
    /// `-Jname` or `-Dname`.
    Remove(Text),
}

/// Everything that decides about the properties at the start of a run.
#[derive(Debug, Clone, Default)]
pub struct PropertiesBuilder {
    /// `-p FILE`, which takes the place of JMeter's own `jmeter.properties`.
    pub propfile: Option<PathBuf>,
    /// `-q` and `-J`, in command-line order.
    pub overrides: Vec<Override>,
    /// `-S` and `-D`, in command-line order.
    pub system: Vec<Override>,
    /// `-d FOLDER`: `user.properties` and `system.properties` are looked for in its `bin` too.
    pub home: Option<PathBuf>,
    /// Where relative paths start: the process's own working directory if absent.
    pub working_directory: Option<PathBuf>,
}

/// Why a run cannot start. JMeter prints `An error occurred: ` and this, and exits with 1.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file of `-p` cannot be read.
    #[error("Could not read JMeter properties file:{}", path.display())]
    Propfile {
        /// The file as it was typed.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file has a `\u` without four hexadecimal digits. JMeter does not say which file.
    #[error("{source} ({})", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Java's text.
        source: MalformedEscape,
    },
}

/// Something that JMeter only notes in its log. It is logged already, with JMeter's text, when a caller gets it.
#[derive(Debug, thiserror::Error)]
pub enum Warning {
    /// The file of `-q` cannot be read.
    #[error("Can't find additional property file: {}", path.display())]
    AddedFile {
        /// The file as it was typed.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The file of `-S` cannot be read.
    #[error("Cannot find system property file. {} ({source})", path.display())]
    SystemFile {
        /// The file as it was typed.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// `user.properties` is there, but cannot be read.
    #[error("Error loading user property file: {}", path.display())]
    UserFile {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

type Entries = Vec<(String, String)>;

impl PropertiesBuilder {
    /// Reads the files and applies the options: `jmeter.properties` or `-p`, then `user.properties`, then `-q` and
    /// `-J`. A warning is an option without effect, not a reason to stop.
    pub fn build(&self) -> Result<(Properties, SystemProperties, Vec<Warning>), Error> {
        let directory = match &self.working_directory {
            Some(directory) => directory.clone(),
            None => std::env::current_dir().unwrap_or_default(),
        };
        let system = SystemProperties::of_this_machine(&directory);
        let properties = Properties::new(system.clone());
        let loading = Loading { builder: self, directory, properties, system };
        let mut warnings = Vec::new();
        loading.own_properties()?;
        loading.user_properties(&mut warnings)?;
        loading.system_properties()?;
        for option in &self.overrides {
            warnings.extend(loading.apply(option)?);
        }
        for option in &self.system {
            warnings.extend(loading.apply_to_system(option)?);
        }
        loading.properties.set("jmeter.version", defaults::VERSION);
        for warning in &warnings {
            log::warn!(target: TARGET, "{warning}");
        }
        Ok((loading.properties, loading.system, warnings))
    }
}

struct Loading<'a> {
    builder: &'a PropertiesBuilder,
    directory: PathBuf,
    properties: Properties,
    system: SystemProperties,
}

impl Loading<'_> {
    fn own_properties(&self) -> Result<(), Error> {
        let Some(path) = &self.builder.propfile else {
            for (name, value) in defaults::JMETER_PROPERTIES {
                self.properties.set(*name, *value);
            }
            return Ok(());
        };
        let entries = self.load(path)?.map_err(|source| Error::Propfile { path: path.clone(), source })?;
        self.put(entries);
        Ok(())
    }

    fn user_properties(&self, warnings: &mut Vec<Warning>) -> Result<(), Error> {
        let Some(path) = self.find(&self.properties.text_or("user.properties", "")) else { return Ok(()) };
        log::info!(target: TARGET, "Loading user properties from: {}", path.display());
        match self.load(&path)? {
            Ok(entries) => self.put(entries),
            Err(source) => warnings.push(Warning::UserFile { path, source }),
        }
        Ok(())
    }

    fn system_properties(&self) -> Result<(), Error> {
        let name = self.properties.text_or("system.properties", "");
        let entries = match self.find(&name) {
            Some(path) => {
                log::info!(target: TARGET, "Loading system properties from: {}", path.display());
                self.load(&path)?.unwrap_or_default()
            }
            None if &*name == "system.properties" => {
                let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
                defaults::SYSTEM_PROPERTIES.iter().map(owned).collect()
            }
            None => return Ok(()),
        };
        self.put_system(entries);
        Ok(())
    }

    fn apply(&self, option: &Override) -> Result<Option<Warning>, Error> {
        match option {
            Override::AddFile(path) => {
                log::info!(target: TARGET, "Loading additional properties from: {}", path.display());
                match self.load(path)? {
                    Ok(entries) => self.put(entries),
                    Err(source) => return Ok(Some(Warning::AddedFile { path: path.clone(), source })),
                }
            }
            Override::Define(name, value) if !value.is_empty() => {
                log::info!(target: TARGET, "Setting JMeter property: {name}={value}");
                self.properties.set(Text::clone(name), Text::clone(value));
            }
            Override::Define(name, _) | Override::Remove(name) => {
                log::warn!(target: TARGET, "Removing JMeter property: {name}");
                self.properties.remove(name);
            }
        }
        Ok(None)
    }

    fn apply_to_system(&self, option: &Override) -> Result<Option<Warning>, Error> {
        match option {
            Override::AddFile(path) => {
                log::info!(target: TARGET, "Setting System properties from file: {}", path.display());
                match self.load(path)? {
                    Ok(entries) => self.put_system(entries),
                    Err(source) => return Ok(Some(Warning::SystemFile { path: path.clone(), source })),
                }
            }
            Override::Define(name, value) if !value.is_empty() => {
                log::info!(target: TARGET, "Setting System property: {name}={value}");
                self.system.set(Text::clone(name), Text::clone(value));
            }
            Override::Define(name, _) | Override::Remove(name) => {
                log::warn!(target: TARGET, "Removing System property: {name}");
                self.system.remove(name);
            }
        }
        Ok(None)
    }

    fn put(&self, entries: Entries) {
        for (name, value) in entries {
            self.properties.set(name, Text::from(value));
        }
    }

    fn put_system(&self, entries: Entries) {
        for (name, value) in entries {
            self.system.set(name, value);
        }
    }

    /// `JMeterUtils.findFile`: in the working directory, or else in the `bin` of JMeter's home.
    fn find(&self, name: &str) -> Option<PathBuf> {
        if name.is_empty() {
            return None;
        }
        let here = self.directory.join(name);
        if here.exists() {
            return Some(here);
        }
        let there = self.directory.join(self.builder.home.as_ref()?).join("bin").join(name);
        there.exists().then_some(there)
    }

    /// The entries of a file, or why it cannot be read; outside of that, what ends the program.
    fn load(&self, path: &Path) -> Result<io::Result<Entries>, Error> {
        match std::fs::read(self.directory.join(path)) {
            Ok(bytes) => match file::parse(&bytes) {
                Ok(entries) => Ok(Ok(entries)),
                Err(source) => Err(Error::Malformed { path: path.to_owned(), source }),
            },
            Err(error) => Ok(Err(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn builder(folder: &tempfile::TempDir, files: &[(&str, &str)]) -> PropertiesBuilder {
        for (name, content) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        PropertiesBuilder { working_directory: Some(folder.path().to_owned()), ..PropertiesBuilder::default() }
    }

    fn define(name: &str, value: &str) -> Override {
        Override::Define(Text::from(name), Text::from(value))
    }

    #[test]
    fn without_options_there_are_jmeters_own() {
        let folder = tempfile::tempdir().unwrap();
        let (properties, system, warnings) = builder(&folder, &[]).build().unwrap();
        assert!(warnings.is_empty());
        assert_eq!(properties.get("summariser.name").as_deref(), Some("summary"));
        assert_eq!(properties.get("jmeter.version").as_deref(), Some("5.6.2"));
        assert_eq!(properties.get("user.dir").as_deref(), folder.path().to_str());
        assert_eq!(system.get("sun.net.http.allowRestrictedHeaders").as_deref(), Some("true"));
    }

    #[test]
    fn later_layers_win() {
        let folder = tempfile::tempdir().unwrap();
        let files = [
            ("user.properties", "a=user\nb=user\nc=user\nd=user\nsummariser.name=user\njmeter.version=1"),
            ("one", "b=one\nc=one\nd=one"),
            ("two", "d=two"),
        ];
        let mut builder = builder(&folder, &files);
        builder.overrides = vec![
            define("d", "J"),
            Override::AddFile("one".into()),
            define("c", "J"),
            Override::AddFile("two".into()),
            Override::Remove(Text::from("summariser.name")),
        ];
        let (properties, _, warnings) = builder.build().unwrap();
        assert!(warnings.is_empty());
        let texts = ["a", "b", "c", "d", "summariser.name", "jmeter.version"].map(|name| properties.get(name));
        let texts = texts.each_ref().map(|text| text.as_deref());
        assert_eq!(texts, [Some("user"), Some("one"), Some("J"), Some("two"), None, Some("5.6.2")]);
    }

    #[test]
    fn an_empty_value_removes() {
        let folder = tempfile::tempdir().unwrap();
        let mut builder = builder(&folder, &[]);
        builder.overrides = vec![define("a", "1"), define("a", "")];
        builder.system = vec![define("b", "1"), define("b", ""), define("a", "system")];
        let (properties, system, _) = builder.build().unwrap();
        assert!(properties.value("a").is_none());
        assert_eq!(properties.get("a").as_deref(), Some("system"));
        assert_eq!(system.get("b"), None);
    }

    #[test]
    fn propfile_takes_the_place_of_jmeters_own() {
        let folder = tempfile::tempdir().unwrap();
        let files = [("p", "a=1\nuser.properties=mine"), ("mine", "a=2"), ("user.properties", "a=3")];
        let mut builder = builder(&folder, &files);
        builder.propfile = Some("p".into());
        let (properties, system, _) = builder.build().unwrap();
        assert_eq!(properties.get("a").as_deref(), Some("2"));
        assert_eq!(properties.get("summariser.name"), None);
        // The property that names the file is gone, too.
        assert_eq!(system.get("sun.net.http.allowRestrictedHeaders"), None);
    }

    #[test]
    fn home_has_files_too() {
        let folder = tempfile::tempdir().unwrap();
        let files = [("home/bin/user.properties", "a=home"), ("home/bin/system.properties", "s=home")];
        let mut builder = builder(&folder, &files);
        builder.home = Some("home".into());
        let (properties, system, _) = builder.build().unwrap();
        assert_eq!(properties.get("a").as_deref(), Some("home"));
        assert_eq!(system.get("s").as_deref(), Some("home"));
    }

    #[test]
    fn system_options_are_applied_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let files = [("system.properties", "a=file"), ("s", "a=S\nb=S")];
        let mut builder = builder(&folder, &files);
        builder.system = vec![define("b", "D"), Override::AddFile("s".into()), define("c", "D")];
        let (properties, system, _) = builder.build().unwrap();
        assert_eq!(["a", "b", "c"].map(|name| system.get(name).unwrap_or_default().to_string()), ["S", "S", "D"]);
        assert_eq!(properties.get("c").as_deref(), Some("D"));
    }

    #[test]
    fn a_missing_propfile_is_an_error_and_other_missing_files_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let mut missing = builder(&folder, &[]);
        missing.propfile = Some("no/such".into());
        assert_eq!(missing.build().unwrap_err().to_string(), "Could not read JMeter properties file:no/such");

        let mut missing = builder(&folder, &[]);
        missing.overrides = vec![Override::AddFile("nope".into()), define("a", "1")];
        missing.system = vec![Override::AddFile(".".into())];
        let (properties, _, warnings) = missing.build().unwrap();
        let warnings: Vec<String> = warnings.iter().map(ToString::to_string).collect();
        assert_eq!(warnings[0], "Can't find additional property file: nope");
        assert!(warnings[1].starts_with("Cannot find system property file. . ("), "{warnings:?}");
        assert_eq!(properties.get("a").as_deref(), Some("1"));
    }

    #[test]
    fn a_malformed_escape_ends_the_program_whichever_file_has_it() {
        let folder = tempfile::tempdir().unwrap();
        let error = builder(&folder, &[("user.properties", "a=\\u12")]).build().unwrap_err();
        assert!(error.to_string().starts_with("Malformed \\uxxxx encoding."));
    }
}
