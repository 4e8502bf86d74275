import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.lucene.analysis.standard.StandardAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.LongPoint;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.SortedSetDocValuesField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.DocValues;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.SortedSetDocValues;
import org.apache.lucene.index.Term;
import org.apache.lucene.sandbox.facet.plain.histograms.HistogramCollectorManager;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.CollectorManager;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.PhraseQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.SimpleCollector;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.SortField;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopFieldCollectorManager;
import org.apache.lucene.search.TopScoreDocCollectorManager;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.BytesRef;

/**
 * Lucene on the collection and the queries of peers_bench: LucenePeer COLLECTION FOLDER QUERIES.
 * Makes the index where the folder has none; then, for each line of its input, asks every query
 * once, as that says, and prints kind, number, hits and microseconds of thread CPU. both: a word is
 * searched in title (three times the weight) and text, and hits are counted; body: in the text
 * alone, and ranked queries count no further than Lucene does by itself.
 */
final class LucenePeer {
  private static final double WRITER_MEGABYTES = 256;
  private static final long DAY_MS = 86_400_000L;
  private static final int COUNTED_BY_ITSELF = 1_000;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final IndexSearcher searcher;
  private boolean both;

  private LucenePeer(IndexSearcher searcher) {
    this.searcher = searcher;
  }

  private static void fill(Directory folder, Path collection) throws IOException {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long cpu = system.getProcessCpuTime();
    IndexWriterConfig config = new IndexWriterConfig(new StandardAnalyzer());
    config.setRAMBufferSizeMB(WRITER_MEGABYTES);
    long count = 0;
    try (IndexWriter writer = new IndexWriter(folder, config);
        BufferedReader lines = Files.newBufferedReader(collection)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine(), ++count) {
        String[] part = line.split("\t", -1);
        long time = Long.parseLong(part[0]);
        Document document = new Document();
        document.add(new LongPoint("time", time));
        document.add(NumericDocValuesField.indexedField("time", time));
        document.add(new StringField("language", part[1], Field.Store.NO));
        for (String topic : part[2].split(" ")) {
          document.add(new StringField("topic", topic, Field.Store.NO));
          document.add(new SortedSetDocValuesField("topic", new BytesRef(topic)));
        }
        document.add(new StoredField("id", part[3]));
        document.add(new TextField("title", part[4], Field.Store.NO));
        document.add(new TextField("body", part[5], Field.Store.NO));
        writer.addDocument(document);
      }
      writer.commit();
    }
    double seconds = (system.getProcessCpuTime() - cpu) / 1e9;
    long bytes = 0;
    for (String file : folder.listAll()) {
      bytes += folder.fileLength(file);
    }
    System.out.printf("built\t%.0f\t%.1f%n", count / seconds, bytes / 1e6);
  }

  private Query inFields(Function<String, Query> make) {
    if (!both) {
      return make.apply("body");
    }
    return new BooleanQuery.Builder()
        .add(new BoostQuery(make.apply("title"), 3), Occur.SHOULD)
        .add(make.apply("body"), Occur.SHOULD)
        .build();
  }

  private Query word(String word) {
    return inFields(field -> new TermQuery(new Term(field, word)));
  }

  private Query words(String[] words, Occur occur) {
    if (words.length == 0) {
      return MatchAllDocsQuery.INSTANCE;
    }
    if (words.length == 1) {
      return word(words[0]);
    }
    BooleanQuery.Builder all = new BooleanQuery.Builder();
    for (String word : words) {
      all.add(word(word), occur);
    }
    return all.build();
  }

  private int limit() {
    return both ? Integer.MAX_VALUE : COUNTED_BY_ITSELF;
  }

  private long best(Query query) throws IOException {
    return searcher.search(query, new TopScoreDocCollectorManager(10, limit())).totalHits.value();
  }

  private long newest(Query query) throws IOException {
    Sort sort = new Sort(new SortField("time", SortField.Type.LONG, true));
    TopFieldCollectorManager top = new TopFieldCollectorManager(sort, 50, limit());
    return searcher.search(query, top).totalHits.value();
  }

  private long days(Query query) throws IOException {
    long[] sum = {0};
    searcher
        .search(query, new HistogramCollectorManager("time", DAY_MS))
        .forEach(bin -> sum[0] += bin.value);
    return sum[0];
  }

  private long topics(Query query) throws IOException {
    return searcher.search(query, new TopicCounts()).values().stream().mapToLong(c -> c).sum();
  }

  /** Counts the values of a column by their numbers in each segment. */
  private static final class TopicCounts
      implements CollectorManager<TopicCounts.OfSlice, Map<String, Long>> {
    static final class OfSlice extends SimpleCollector {
      final Map<String, Long> counts = new HashMap<>();
      private SortedSetDocValues values;
      private long[] byNumber;

      @Override
      protected void doSetNextReader(LeafReaderContext context) throws IOException {
        values = DocValues.getSortedSet(context.reader(), "topic");
        byNumber = new long[(int) values.getValueCount()];
      }

      @Override
      public void collect(int document) throws IOException {
        if (!values.advanceExact(document)) {
          return;
        }
        for (int i = values.docValueCount(); i > 0; --i) {
          ++byNumber[(int) values.nextOrd()];
        }
      }

      @Override
      public void finish() throws IOException {
        for (int number = 0; number < byNumber.length; ++number) {
          if (byNumber[number] > 0) {
            counts.merge(values.lookupOrd(number).utf8ToString(), byNumber[number], Long::sum);
          }
        }
      }

      @Override
      public ScoreMode scoreMode() {
        return ScoreMode.COMPLETE_NO_SCORES;
      }
    }

    @Override
    public OfSlice newCollector() {
      return new OfSlice();
    }

    @Override
    public Map<String, Long> reduce(Collection<OfSlice> slices) {
      Map<String, Long> out = new HashMap<>();
      for (OfSlice slice : slices) {
        slice.counts.forEach((value, count) -> out.merge(value, count, Long::sum));
      }
      return out;
    }
  }

  private static Query with(Query query, Query... filters) {
    BooleanQuery.Builder all = new BooleanQuery.Builder().add(query, Occur.MUST);
    for (Query filter : filters) {
      all.add(filter, Occur.FILTER);
    }
    return all.build();
  }

  private long ask(String line) throws IOException {
    String[] part = line.split("\t", -1);
    String[] words =
        Arrays.stream(part[1].split(" ")).filter(word -> !word.isEmpty()).toArray(String[]::new);
    return switch (part[0]) {
      case "term", "or2", "or3" -> best(words(words, Occur.SHOULD));
      case "and2" -> best(words(words, Occur.MUST));
      case "phrase2" -> best(inFields(field -> new PhraseQuery(field, words)));
      case "filter" ->
          best(
              with(
                  words(words, Occur.SHOULD),
                  new TermQuery(new Term("language", part[2])),
                  new TermQuery(new Term("topic", part[3]))));
      case "newest50", "newest50_all" -> newest(words(words, Occur.SHOULD));
      case "range50" ->
          newest(
              with(
                  words(words, Occur.SHOULD),
                  LongPoint.newRangeQuery(
                      "time", Long.parseLong(part[4]), Long.parseLong(part[5]) - 1)));
      case "count_and2" -> searcher.count(words(words, Occur.MUST));
      case "count_or2" -> searcher.count(words(words, Occur.SHOULD));
      case "days_all", "days_term", "days_or2" -> days(words(words, Occur.SHOULD));
      case "days_and2" -> days(words(words, Occur.MUST));
      case "topics_or2" -> topics(words(words, Occur.SHOULD));
      default -> throw new IllegalArgumentException("no such kind: " + part[0]);
    };
  }

  public static void main(String[] argument) throws IOException {
    Path where = Path.of(argument[1]);
    try (Directory folder = FSDirectory.open(where)) {
      if (!DirectoryReader.indexExists(folder)) {
        fill(folder, Path.of(argument[0]));
      }
      DirectoryReader reader = DirectoryReader.open(folder);
      System.out.printf("segments\t%d%n", reader.leaves().size());
      IndexSearcher searcher = new IndexSearcher(reader);
      searcher.setQueryCache(null);  // every query is worked out
      LucenePeer peer = new LucenePeer(searcher);
      List<String> queries = Files.readAllLines(Path.of(argument[2]));
      System.out.println("ready");
      BufferedReader ways = new BufferedReader(new InputStreamReader(System.in));
      for (String way = ways.readLine(); way != null; way = ways.readLine()) {
        peer.both = way.equals("both");
        List<String> out = new ArrayList<>();
        for (int number = 0; number < queries.size(); ++number) {
          String line = queries.get(number);
          long begin = THREADS.getCurrentThreadCpuTime();
          long hits = peer.ask(line);
          double took = (THREADS.getCurrentThreadCpuTime() - begin) / 1e3;
          String kind = line.substring(0, line.indexOf('\t'));
          out.add("%s\t%d\t%d\t%.2f".formatted(kind, number, hits, took));
        }
        out.forEach(System.out::println);
        System.out.println("done");
      }
    }
  }
}
