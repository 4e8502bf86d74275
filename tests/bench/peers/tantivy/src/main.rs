//! tantivy on the collection and the queries of peers_bench: tantivy-peer COLLECTION FOLDER QUERIES.
//! Makes the index where the folder has none; then, for each line of its input, asks every query once,
//! as that says, and prints kind, number, hits and microseconds of thread CPU. both: a word is searched
//! in title (three times the weight) and text, and hits are counted; body: in the text alone, and
//! ranked queries count nothing.
use std::fs;
use std::io::{self, BufRead, Write};
use std::ops::Bound;
use std::path::Path;

use tantivy::aggregation::agg_req::Aggregations;
use tantivy::aggregation::AggregationCollector;
use tantivy::collector::{Count, TopDocs};
use tantivy::query::{
    AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, Occur, PhraseQuery, Query, RangeQuery,
    TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption, Schema, FAST, INDEXED, STORED, STRING, TEXT};
use tantivy::{Index, IndexWriter, Order, Searcher, TantivyDocument, Term};

const WRITER_BYTES: usize = 256 << 20;

#[derive(Clone, Copy)]
struct Fields {
    id: Field,
    title: Field,
    body: Field,
    language: Field,
    topic: Field,
    time: Field,
}

fn cpu_us(clock: libc::clockid_t) -> f64 {
    let mut at = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    unsafe { libc::clock_gettime(clock, &mut at) };
    at.tv_sec as f64 * 1e6 + at.tv_nsec as f64 / 1e3
}

fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let fields = Fields {
        id: builder.add_text_field("id", STORED),
        title: builder.add_text_field("title", TEXT),
        body: builder.add_text_field("body", TEXT),
        language: builder.add_text_field("language", STRING),
        topic: builder.add_text_field("topic", STRING | FAST),
        time: builder.add_i64_field("time", INDEXED | FAST),
    };
    (builder.build(), fields)
}

fn bytes_of(folder: &Path) -> u64 {
    let files = fs::read_dir(folder).expect("folder");
    files.filter_map(|file| file.ok()?.metadata().ok()).map(|data| data.len()).sum()
}

fn fill(index: &Index, fields: Fields, collection: &str, folder: &Path) -> tantivy::Result<()> {
    let cpu = cpu_us(libc::CLOCK_PROCESS_CPUTIME_ID);
    let mut writer: IndexWriter = index.writer_with_num_threads(1, WRITER_BYTES)?;
    let mut count = 0u64;
    for line in io::BufReader::new(fs::File::open(collection)?).lines() {
        let line = line?;
        let part: Vec<&str> = line.split('\t').collect();
        let mut document = TantivyDocument::default();
        document.add_i64(fields.time, part[0].parse().expect("time"));
        document.add_text(fields.language, part[1]);
        for topic in part[2].split(' ') {
            document.add_text(fields.topic, topic);
        }
        document.add_text(fields.id, part[3]);
        document.add_text(fields.title, part[4]);
        document.add_text(fields.body, part[5]);
        writer.add_document(document)?;
        count += 1;
    }
    writer.commit()?;
    writer.wait_merging_threads()?;
    let seconds = (cpu_us(libc::CLOCK_PROCESS_CPUTIME_ID) - cpu) / 1e6;
    println!("built\t{:.0}\t{:.1}", count as f64 / seconds, bytes_of(folder) as f64 / 1e6);
    Ok(())
}

struct Engine {
    searcher: Searcher,
    fields: Fields,
    both: bool,
    days: Aggregations,
    topics: Aggregations,
}

impl Engine {
    fn in_fields(&self, make: impl Fn(Field) -> Box<dyn Query>) -> Box<dyn Query> {
        if !self.both {
            return make(self.fields.body);
        }
        let title = Box::new(BoostQuery::new(make(self.fields.title), 3.0));
        Box::new(BooleanQuery::new(vec![
            (Occur::Should, title as Box<dyn Query>),
            (Occur::Should, make(self.fields.body)),
        ]))
    }

    fn word(&self, word: &str) -> Box<dyn Query> {
        self.in_fields(|field| {
            let term = Term::from_field_text(field, word);
            Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs))
        })
    }

    fn phrase(&self, words: &[&str]) -> Box<dyn Query> {
        self.in_fields(|field| {
            let terms = words.iter().map(|word| Term::from_field_text(field, word)).collect();
            Box::new(PhraseQuery::new(terms))
        })
    }

    fn words(&self, words: &[&str], occur: Occur) -> Box<dyn Query> {
        if words.len() == 1 {
            return self.word(words[0]);
        }
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        for word in words {
            if occur == Occur::Should && self.both {
                // side by side, which it answers sooner than one within the other
                let term = |field| Term::from_field_text(field, word);
                let of = |field| Box::new(TermQuery::new(term(field), IndexRecordOption::WithFreqs));
                let title = Box::new(BoostQuery::new(of(self.fields.title), 3.0));
                clauses.push((occur, title as Box<dyn Query>));
                clauses.push((occur, of(self.fields.body)));
            } else {
                clauses.push((occur, self.word(word)));
            }
        }
        Box::new(BooleanQuery::new(clauses))
    }

    fn filter(field: Field, value: &str) -> Box<dyn Query> {
        let term = Term::from_field_text(field, value);
        let query = Box::new(TermQuery::new(term, IndexRecordOption::Basic));
        Box::new(ConstScoreQuery::new(query, 0.0))
    }

    fn within(&self, from: i64, to: i64) -> Box<dyn Query> {
        let bound = |time| Term::from_field_i64(self.fields.time, time);
        let range = RangeQuery::new(Bound::Included(bound(from)), Bound::Excluded(bound(to)));
        Box::new(ConstScoreQuery::new(Box::new(range), 0.0))
    }

    fn best(&self, query: &dyn Query) -> tantivy::Result<u64> {
        let top = TopDocs::with_limit(10).order_by_score();
        if !self.both {
            return Ok(self.searcher.search(query, &top)?.len() as u64);
        }
        Ok(self.searcher.search(query, &(Count, top))?.0 as u64)
    }

    fn newest(&self, query: &dyn Query) -> tantivy::Result<u64> {
        let top = TopDocs::with_limit(50).order_by_fast_field::<i64>("time", Order::Desc);
        if !self.both {
            return Ok(self.searcher.search(query, &top)?.len() as u64);
        }
        Ok(self.searcher.search(query, &(Count, top))?.0 as u64)
    }

    fn aggregate(&self, query: &dyn Query, request: &Aggregations) -> tantivy::Result<u64> {
        let collector = AggregationCollector::from_aggs(request.clone(), Default::default());
        let result = self.searcher.search(query, &collector)?;
        let value = serde_json::to_value(result).expect("json");
        let buckets = value["of"]["buckets"].as_array().expect("buckets");
        Ok(buckets.iter().map(|one| one["doc_count"].as_u64().expect("count")).sum())
    }

    fn ask(&self, line: &str) -> tantivy::Result<u64> {
        let part: Vec<&str> = line.split('\t').collect();
        let words: Vec<&str> = part[1].split(' ').filter(|word| !word.is_empty()).collect();
        let time = |at: usize| part[at].parse::<i64>().expect("time");
        let either = || self.words(&words, Occur::Should);
        let both = || self.words(&words, Occur::Must);
        match part[0] {
            "term" | "or2" | "or3" => self.best(&*either()),
            "and2" => self.best(&*both()),
            "phrase2" => self.best(&*self.phrase(&words)),
            "filter" => self.best(&BooleanQuery::new(vec![
                (Occur::Must, either()),
                (Occur::Must, Self::filter(self.fields.language, part[2])),
                (Occur::Must, Self::filter(self.fields.topic, part[3])),
            ])),
            "newest50" => self.newest(&*either()),
            "newest50_all" => self.newest(&AllQuery),
            "range50" => self.newest(&BooleanQuery::new(vec![
                (Occur::Must, either()),
                (Occur::Must, self.within(time(4), time(5))),
            ])),
            "count_and2" => Ok(self.searcher.search(&*both(), &Count)? as u64),
            "count_or2" => Ok(self.searcher.search(&*either(), &Count)? as u64),
            "days_all" => self.aggregate(&AllQuery, &self.days),
            "days_term" | "days_or2" => self.aggregate(&*either(), &self.days),
            "days_and2" => self.aggregate(&*both(), &self.days),
            "topics_or2" => self.aggregate(&*either(), &self.topics),
            other => panic!("no such kind: {other}"),
        }
    }
}

fn request(json: &str) -> Aggregations {
    serde_json::from_str(json).expect("aggregation")
}

fn main() -> tantivy::Result<()> {
    let argument: Vec<String> = std::env::args().collect();
    let folder = Path::new(&argument[2]);
    let (schema, fields) = schema();
    fs::create_dir_all(folder)?;
    let index = if folder.join("meta.json").exists() {
        Index::open_in_dir(folder)?
    } else {
        let index = Index::create_in_dir(folder, schema)?;
        fill(&index, fields, &argument[1], folder)?;
        index
    };
    let searcher = index.reader()?.searcher();
    println!("segments\t{}", searcher.segment_readers().len());
    let mut engine = Engine {
        searcher,
        fields,
        both: true,
        days: request(r#"{"of":{"histogram":{"field":"time","interval":86400000,"min_doc_count":1}}}"#),
        topics: request(r#"{"of":{"terms":{"field":"topic","size":1000}}}"#),
    };
    let queries = fs::read_to_string(&argument[3])?;
    println!("ready");
    io::stdout().flush()?;
    for how in io::stdin().lock().lines() {
        engine.both = how? == "both";
        for (number, line) in queries.lines().enumerate() {
            let begin = cpu_us(libc::CLOCK_THREAD_CPUTIME_ID);
            let hits = engine.ask(line)?;
            let took = cpu_us(libc::CLOCK_THREAD_CPUTIME_ID) - begin;
            let kind = line.split('\t').next().unwrap_or("");
            println!("{kind}\t{number}\t{hits}\t{took:.2}");
        }
        println!("done");
        io::stdout().flush()?;
    }
    Ok(())
}
