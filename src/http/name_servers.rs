//! DNS servers that the plan names, asked as JMeter's DNS Cache Manager asks them by way of dnsjava 2.1: over UDP, over
//! TCP where an answer was cut short; each in turn first; one that does not answer is asked again while the next one is
//! asked, too. `Lookup`, `ExtendedResolver` and `SimpleResolver` are the contract.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use simple_dns::rdata::RData;
use simple_dns::{CLASS, Name, Packet, PacketFlag, QCLASS, QTYPE, Question, RCODE, TYPE};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::sync::OnceCell;
use tokio::time::timeout;

use crate::text::Text;

const PORT: u16 = 53;
/// How long a server has for its answer, and how often it is asked when it gives none.
const PATIENCE: Duration = Duration::from_secs(5);
const SENDS: u32 = 3;
/// How many names are asked for while aliases are followed.
const ALIASES: usize = 10;
/// An answer over UDP is no longer than this (RFC 1035); what is longer is cut short and comes over TCP.
const LONGEST_DATAGRAM: usize = 512;

/// Servers, and whose turn it is.
#[derive(Debug)]
pub(super) struct NameServers {
    named: Vec<Text>,
    /// Their addresses, once they are known; none when one of them is not.
    addresses: OnceCell<Option<Vec<SocketAddr>>>,
    turn: AtomicUsize,
}

/// An address and the name that a server gave with it.
pub(super) type Found = Vec<(Text, Ipv4Addr)>;

/// Why there is no address.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unfound {
    /// A server's own name leads nowhere: none of them is asked.
    Servers,
    /// The host can be nobody's name.
    Name,
    /// The servers know none, or do not answer.
    Address,
}

/// What a server says of a name.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    Addresses(Found),
    /// The name stands for another one, which is to be asked for.
    Alias(String),
    /// The name is there and has no address.
    NoAddress,
    /// Anything else: another name may fare better.
    Nothing,
}

impl NameServers {
    pub fn new(named: Vec<Text>) -> Self {
        Self { named, addresses: OnceCell::new(), turn: AtomicUsize::new(0) }
    }

    /// The addresses of a host: version 4, as JMeter asks for no others.
    pub async fn look_up(&self, host: &str) -> Result<Found, Unfound> {
        let servers = self.addresses.get_or_init(|| addresses_of(&self.named)).await;
        let servers = servers.as_deref().ok_or(Unfound::Servers)?;
        if host.is_empty() || Name::new(host).is_err() {
            return Err(Unfound::Name);
        }
        for name in candidates(host, search_list()) {
            let mut name = name;
            for asked in 1.. {
                match self.ask(servers, &name).await {
                    Said::Addresses(found) => return Ok(found),
                    Said::Alias(other) if asked < ALIASES && !other.eq_ignore_ascii_case(&name) => name = other,
                    Said::Alias(_) | Said::NoAddress => return Err(Unfound::Address),
                    // Where an alias has led, no other name is tried.
                    Said::Nothing if asked > 1 => return Err(Unfound::Address),
                    Said::Nothing => break,
                }
            }
        }
        Err(Unfound::Address)
    }

    async fn ask(&self, servers: &[SocketAddr], name: &str) -> Said {
        let id = fastrand::u16(..);
        let Some(query) = question(id, name) else { return Said::Nothing };
        let first = self.turn.fetch_add(1, Ordering::Relaxed) % servers.len().max(1);
        let servers: Vec<SocketAddr> = servers.iter().cycle().skip(first).take(servers.len()).copied().collect();
        match first_answer(&servers, id, &query).await {
            Some(answer) => said(&answer, name),
            None => Said::Nothing,
        }
    }
}

/// Sends a query until an answer comes. The first trouble with a server brings in the next one; one that is silent is
/// asked again beside it.
async fn first_answer(servers: &[SocketAddr], id: u16, query: &[u8]) -> Option<Vec<u8>> {
    type Asking<'a> = Pin<Box<dyn Future<Output = Result<Vec<u8>, Trouble>> + Send + 'a>>;
    let mut running: Vec<(usize, u32, Asking<'_>)> = Vec::new();
    let send = |server: usize, sends: u32| -> Option<(usize, u32, Asking<'_>)> {
        let address = *servers.get(server)?;
        Some((server, sends, Box::pin(ask_one(address, id, query))))
    };
    running.extend(send(0, 1));
    std::future::poll_fn(|cx| {
        let mut at = 0;
        while at < running.len() {
            let (server, sends, asking) = &mut running[at];
            let (server, sends) = (*server, *sends);
            match asking.as_mut().poll(cx) {
                Poll::Pending => at += 1,
                Poll::Ready(Ok(answer)) => return Poll::Ready(Some(answer)),
                Poll::Ready(Err(trouble)) => {
                    drop(running.remove(at));
                    if trouble == Trouble::Silence && sends < SENDS {
                        running.extend(send(server, sends + 1));
                    }
                    if sends == 1 {
                        running.extend(send(server + 1, 1));
                    }
                }
            }
        }
        if running.is_empty() { Poll::Ready(None) } else { Poll::Pending }
    })
    .await
}

#[derive(Debug, PartialEq, Eq)]
enum Trouble {
    Silence,
    Refusal,
}

async fn ask_one(server: SocketAddr, id: u16, query: &[u8]) -> Result<Vec<u8>, Trouble> {
    let asked = async {
        let from: IpAddr = if server.is_ipv6() { Ipv6Addr::UNSPECIFIED.into() } else { Ipv4Addr::UNSPECIFIED.into() };
        let socket = UdpSocket::bind((from, 0)).await?;
        socket.connect(server).await?;
        socket.send(query).await?;
        let mut answer = vec![0; LONGEST_DATAGRAM];
        loop {
            let length = socket.recv(&mut answer).await?;
            // What answers another question is none of ours.
            if answer.starts_with(&id.to_be_bytes()) && length > 2 {
                answer.truncate(length);
                break;
            }
        }
        const CUT_SHORT: u8 = 0b10;
        if answer[2] & CUT_SHORT == 0 {
            return Ok(answer);
        }
        let mut tcp = TcpStream::connect(server).await?;
        let length = u16::try_from(query.len()).unwrap_or(u16::MAX);
        tcp.write_all(&[&length.to_be_bytes(), query].concat()).await?;
        answer.resize(usize::from(tcp.read_u16().await?), 0);
        tcp.read_exact(&mut answer).await?;
        std::io::Result::Ok(answer)
    };
    match timeout(PATIENCE, asked).await {
        Err(_) => Err(Trouble::Silence),
        Ok(answer) => answer.map_err(|_| Trouble::Refusal),
    }
}

fn question(id: u16, name: &str) -> Option<Vec<u8>> {
    let mut packet = Packet::new_query(id);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    let name = Name::new(name.strip_suffix('.').unwrap_or(name)).ok()?;
    packet.questions.push(Question::new(name, QTYPE::TYPE(TYPE::A), QCLASS::CLASS(CLASS::IN), false));
    packet.build_bytes_vec().ok()
}

/// Reads an answer to the question for `name` (dnsjava's `Cache.addMessage`).
fn said(answer: &[u8], name: &str) -> Said {
    let (Ok(packet), Ok(name)) = (Packet::parse(answer), Name::new(name)) else { return Said::Nothing };
    let is_asked = |question: &Question<'_>| {
        question.qname == name && question.qtype == QTYPE::TYPE(TYPE::A) && question.qclass == QCLASS::CLASS(CLASS::IN)
    };
    if !matches!(packet.rcode(), RCODE::NoError | RCODE::NameError) || !packet.questions.first().is_some_and(is_asked) {
        return Said::Nothing;
    }
    let of_name = || packet.answers.iter().filter(|record| record.name == name && record.class == CLASS::IN);
    let addresses: Found = of_name()
        .filter_map(|record| match &record.rdata {
            RData::A(address) => Some((format!("{}.", record.name).into(), Ipv4Addr::from(address.address))),
            _ => None,
        })
        .collect();
    let alias = of_name().find_map(|record| match &record.rdata {
        RData::CNAME(alias) => Some(Said::Alias(alias.to_string())),
        _ => None,
    });
    if !addresses.is_empty() {
        return Said::Addresses(addresses);
    }
    alias.unwrap_or_else(|| {
        let has = |wanted| packet.name_servers.iter().any(|record| record.rdata.type_code() == wanted);
        let is_referral = has(TYPE::NS) && !has(TYPE::SOA);
        match packet.rcode() {
            RCODE::NoError if !is_referral => Said::NoAddress,
            _ => Said::Nothing,
        }
    })
}

/// The names that a host may mean, in the order of asking.
fn candidates(host: &str, search: &[String]) -> Vec<String> {
    if host.ends_with('.') || search.is_empty() {
        return vec![host.to_owned()];
    }
    let has_dot = host.contains('.');
    let whole = has_dot.then(|| host.to_owned());
    whole.into_iter().chain(search.iter().map(|domain| format!("{host}.{domain}"))).collect()
}

/// The system's search list.
fn search_list() -> &'static [String] {
    static LIST: OnceLock<Vec<String>> = OnceLock::new();
    LIST.get_or_init(|| {
        std::fs::read_to_string("/etc/resolv.conf").map_or_else(|_| Vec::new(), |text| search_of(&text))
    })
}

fn search_of(configuration: &str) -> Vec<String> {
    let mut list: Vec<String> = Vec::new();
    for line in configuration.lines() {
        let mut words = line.split_ascii_whitespace();
        match words.next() {
            Some("domain") if list.is_empty() => list.extend(words.next().map(str::to_owned)),
            Some("search") => list = words.map(str::to_owned).collect(),
            _ => {}
        }
    }
    list
}

/// Where the servers are: by address, by a name that the system knows, and, beyond JMeter, with a port.
async fn addresses_of(named: &[Text]) -> Option<Vec<SocketAddr>> {
    let mut addresses = Vec::with_capacity(named.len());
    for name in named {
        let address = match (name.parse::<SocketAddr>(), super::dns::literal(name)) {
            (Ok(address), _) => Some(address),
            (_, Some(ip)) => Some(SocketAddr::new(ip, PORT)),
            _ => super::dns::look_up(name).await.ok()?.first().map(|address| SocketAddr::new(address.ip, PORT)),
        };
        addresses.push(address?);
    }
    Some(addresses)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use simple_dns::ResourceRecord;
    use simple_dns::rdata::{A, CNAME};

    fn answer(rcode: RCODE, name: &str, records: &[(&str, RData<'static>)]) -> Vec<u8> {
        let query = question(7, name).unwrap();
        let mut packet = Packet::parse(&query).unwrap().into_reply();
        *packet.rcode_mut() = rcode;
        for (name, data) in records {
            let name = Name::new(name).unwrap().into_owned();
            packet.answers.push(ResourceRecord::new(name, CLASS::IN, 60, data.clone()));
        }
        packet.build_bytes_vec_compressed().unwrap()
    }

    fn a(last: u8) -> RData<'static> {
        RData::A(A { address: u32::from(Ipv4Addr::new(127, 0, 0, last)) })
    }

    #[test]
    fn answers_are_read() {
        let cname = RData::CNAME(CNAME(Name::new("one.test").unwrap()));
        let told = |rcode, records: &[(&str, RData<'static>)]| said(&answer(rcode, "Shop.test", records), "Shop.test");
        assert_eq!(
            told(RCODE::NoError, &[("shop.test", a(2)), ("other.test", a(3)), ("shop.test", a(1))]),
            Said::Addresses(vec![
                ("shop.test.".into(), Ipv4Addr::new(127, 0, 0, 2)),
                ("shop.test.".into(), Ipv4Addr::LOCALHOST)
            ])
        );
        // The alias is asked for, though its address came with it.
        assert_eq!(
            told(RCODE::NoError, &[("shop.test", cname), ("one.test", a(1))]),
            Said::Alias("one.test".to_owned())
        );
        assert_eq!(told(RCODE::NoError, &[]), Said::NoAddress);
        assert_eq!(told(RCODE::NameError, &[]), Said::Nothing);
        assert_eq!(told(RCODE::ServerFailure, &[("shop.test", a(1))]), Said::Nothing);
        assert_eq!(said(&answer(RCODE::NoError, "other.test", &[("shop.test", a(1))]), "shop.test"), Said::Nothing);
    }

    #[test]
    fn names_are_tried_in_the_order_of_the_search_list() {
        let search = search_of("# no\ndomain a\nsearch b.c d\nnameserver 1.2.3.4\ndomain e\n");
        assert_eq!(search, ["b.c", "d"]);
        assert_eq!(candidates("x", &search), ["x.b.c", "x.d"]);
        assert_eq!(candidates("x.y", &search), ["x.y", "x.y.b.c", "x.y.d"]);
        assert_eq!(candidates("x.", &search), ["x."]);
        assert_eq!(candidates("x", &[]), ["x"]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..600), cut in 0..80usize) {
            said(&bytes, "shop.test");
            // Bytes in the place of an honest answer's end.
            let mut honest = answer(RCODE::NoError, "shop.test", &[("shop.test", a(1)), ("shop.test", a(2))]);
            honest.truncate(cut);
            honest.extend_from_slice(&bytes);
            said(&honest, "shop.test");
        }
    }
}
