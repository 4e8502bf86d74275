{{- define "vigie.labels" -}}
app.kubernetes.io/part-of: {{ .root.Values.partOf }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "vigie.image" -}}
{{- $tag := .root.Values.images.tag | default .root.Chart.AppVersion -}}
{{- $name := .root.Values.images.repository -}}
{{- if .component }}{{ $name = printf "%s-%s" $name .component }}{{ end -}}
{{- if hasPrefix "sha256:" $tag }}{{ printf "%s@%s" $name $tag }}{{ else }}{{ printf "%s:%s" $name $tag }}{{ end -}}
{{- end }}

{{/* What librdkafka is told: its names hold dots, so they are keys of one map. */}}
{{- define "vigie.kafkaSettings" -}}
{{- $kafka := dict -}}
{{- if .Values.brokers.tls.secret -}}
{{- $_ := set $kafka "security.protocol" (ternary "SASL_SSL" "SSL" (ne .Values.brokers.sasl.secret "")) -}}
{{- $_ := set $kafka "ssl.ca.location" "/etc/vigie-tls/ca.crt" -}}
{{- if .Values.brokers.tls.mutual -}}
{{- $_ := set $kafka "ssl.certificate.location" "/etc/vigie-tls/tls.crt" -}}
{{- $_ := set $kafka "ssl.key.location" "/etc/vigie-tls/tls.key" -}}
{{- end -}}
{{- else if .Values.brokers.sasl.secret -}}
{{- $_ := set $kafka "security.protocol" "SASL_PLAINTEXT" -}}
{{- end -}}
{{- if .Values.brokers.sasl.secret -}}
{{- $_ := set $kafka "sasl.mechanism" .Values.brokers.sasl.mechanism -}}
{{- end -}}
{{- mergeOverwrite $kafka (deepCopy .Values.brokers.settings) | toJson -}}
{{- end }}

{{/* The settings file of one service, as `key: value` lines. */}}
{{- define "vigie.settings" -}}
{{- $root := .root -}}
{{- $port := get (dict "crawler" "8081" "extractor" "8082" "indexer" "8080") .component -}}
{{- $all := dict "data_dir" "/var/lib/vigie" "http.listen" (printf "0.0.0.0:%s" $port) "log.engine" "kafka" "log.format" "json" -}}
{{- $_ := set $all "log.partitions" (int $root.Values.brokers.partitions) -}}
{{- $_ := set $all "log.replication" (int $root.Values.brokers.replication) -}}
{{- range $name, $value := include "vigie.kafkaSettings" $root | fromJson -}}
{{- $_ := set $all (printf "log.kafka.%s" $name) $value -}}
{{- end -}}
{{- if eq .component "crawler" -}}
{{- $_ := set $all "fetch.user_agent_contact" $root.Values.contact -}}
{{- end -}}
{{- if eq .component "indexer" -}}
{{- $_ := set $all "api.keys_file" "/etc/vigie-keys/api-keys" -}}
{{- $_ := set $all "webhook.key_file" "/etc/vigie-keys/webhook-key" -}}
{{- $_ := set $all "indexer.peers" "dns:indexer-peers:8080" -}}
{{- end -}}
{{- $all = mergeOverwrite $all (deepCopy $root.Values.settings.all) (deepCopy (get $root.Values.settings .component)) -}}
{{- range $name, $value := $all }}
{{ $name }}: {{ $value | toJson }}
{{- end }}
{{- end }}

{{- define "vigie.environment" -}}
- {name: POD_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
- {name: VIGIE_LOG_BROKERS, valueFrom: {configMapKeyRef: {name: vigie, key: VIGIE_LOG_BROKERS}}}
{{- with .Values.brokers.sasl.secret }}
- {name: SASL_USERNAME, valueFrom: {secretKeyRef: {name: {{ . }}, key: username}}}
- {name: SASL_PASSWORD, valueFrom: {secretKeyRef: {name: {{ . }}, key: password}}}
{{- end }}
{{- end }}

{{- define "vigie.saslArguments" -}}
{{- if .Values.brokers.sasl.secret }}
- --set
- log.kafka.sasl.username=$(SASL_USERNAME)
- --set
- log.kafka.sasl.password=$(SASL_PASSWORD)
{{- end }}
{{- end }}

{{- define "vigie.security" -}}
{readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
{{- end }}

{{/* The pod of a service; `root`, `component`, `port`, `volumes` (further ones of the pod). */}}
{{- define "vigie.pod" -}}
{{- $root := .root -}}
{{- $values := get $root.Values .component -}}
metadata:
  labels: {{- include "vigie.labels" . | nindent 4 }}
  annotations:
    vigie/settings: {{ printf "%s %s" $root.Values.brokers.bootstrap (include "vigie.settings" .) | sha256sum | trunc 16 | quote }}
    {{- if not $root.Values.monitoring.podMonitor.enabled }}
    prometheus.io/scrape: "true"
    prometheus.io/port: {{ .port | quote }}
    prometheus.io/path: /metrics
    {{- end }}
spec:
  terminationGracePeriodSeconds: {{ add $root.Values.preStopSeconds 25 }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  securityContext: {runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532, fsGroup: 65532, seccompProfile: {type: RuntimeDefault}}
  {{- with $root.Values.images.pullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: kubernetes.io/hostname
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels: {{- include "vigie.labels" . | nindent 10 }}
    - maxSkew: 1
      topologyKey: topology.kubernetes.io/zone
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels: {{- include "vigie.labels" . | nindent 10 }}
  {{- if $root.Values.brokers.setup }}
  initContainers:
    - name: topics
      image: {{ include "vigie.image" (dict "root" $root) }}
      imagePullPolicy: {{ $root.Values.images.pullPolicy }}
      command: [/usr/bin/vigie]
      args:
        - log
        - setup
        - --tolerate
        - --config
        - /etc/vigie-settings/{{ .component }}.yaml
        {{- include "vigie.saslArguments" $root | nindent 8 }}
      env: {{- include "vigie.environment" $root | nindent 8 }}
      securityContext: {{ include "vigie.security" . }}
      resources:
        requests: {cpu: 50m, memory: 64Mi, ephemeral-storage: 16Mi}
        limits: {memory: 256Mi, ephemeral-storage: 64Mi}
      volumeMounts: {{- include "vigie.mounts" . | nindent 8 }}
  {{- end }}
  containers:
    - name: {{ .component }}
      image: {{ include "vigie.image" . }}
      imagePullPolicy: {{ $root.Values.images.pullPolicy }}
      command: [/usr/bin/vigie-{{ .component }}]
      args:
        - --config
        - /etc/vigie-settings/{{ .component }}.yaml
        {{- if ne .component "extractor" }}
        - --set
        - log.instance=$(POD_NAME)
        {{- end }}
        {{- include "vigie.saslArguments" $root | nindent 8 }}
      env: {{- include "vigie.environment" $root | nindent 8 }}
      ports: [{name: http, containerPort: {{ .port }}}]
      securityContext: {{ include "vigie.security" . }}
      resources: {{- toYaml $values.resources | nindent 8 }}
      # An indexer answers searches without a broker too, so its readers are not sent away when one dies.
      # Who catches up for an hour is alive and not ready: only /healthz may restart a pod.
      startupProbe: {httpGet: {path: /healthz, port: http}, periodSeconds: 5, failureThreshold: 60}
      readinessProbe: {httpGet: {path: {{ if eq .component "indexer" }}"/readyz?exclude=broker"{{ else }}/readyz{{ end }}, port: http}, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 2}
      livenessProbe: {httpGet: {path: /healthz, port: http}, periodSeconds: 15, timeoutSeconds: 10, failureThreshold: 4}
      lifecycle: {preStop: {sleep: {seconds: {{ $root.Values.preStopSeconds }}}}}
      volumeMounts:
        {{- include "vigie.mounts" . | nindent 8 }}
        {{- if eq .component "indexer" }}
        - {name: keys, mountPath: /etc/vigie-keys, readOnly: true}
        {{- end }}
  volumes:
    {{- if eq .component "extractor" }}
    - {name: data, emptyDir: {sizeLimit: 256Mi}}
    {{- end }}
    - {name: settings, configMap: {name: vigie}}
    {{- if eq .component "indexer" }}
    - {name: keys, secret: {secretName: {{ $root.Values.keys.secret }}, defaultMode: 288}}
    {{- end }}
    {{- with $root.Values.brokers.tls.secret }}
    - {name: tls, secret: {secretName: {{ . }}, defaultMode: 288}}
    {{- end }}
{{- end }}

{{- define "vigie.mounts" -}}
- {name: data, mountPath: /var/lib/vigie}
- {name: settings, mountPath: /etc/vigie-settings, readOnly: true}
{{- if .root.Values.brokers.tls.secret }}
- {name: tls, mountPath: /etc/vigie-tls, readOnly: true}
{{- end }}
{{- end }}

{{- define "vigie.claim" -}}
- metadata: {name: data}
  spec:
    accessModes: [ReadWriteOnce]
    {{- with .className }}
    storageClassName: {{ . }}
    {{- end }}
    resources: {requests: {storage: {{ .size }}}}
{{- end }}

{{/* A disruption budget of one pod, and the headless service of a component. */}}
{{- define "vigie.budget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ .component }}
  labels: {{- include "vigie.labels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels: {{- include "vigie.labels" . | nindent 6 }}
{{- end }}

{{- define "vigie.egressInside" -}}
- ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]
{{- with .Values.networkPolicy.brokerPorts }}
- ports:
    {{- range . }}
    - {protocol: TCP, port: {{ . }}}
    {{- end }}
{{- end }}
{{- end }}
