#!/usr/bin/env python3
"""Random cases for strategic merge patches: triples of objects, and patches full of directives.

usage: generate_strategic.py SEED COUNT > cases.json
"""

import random, json, sys
r=random.Random(int(sys.argv[1])); n=int(sys.argv[2])
def pick(*a): return r.choice(a)
def maybe(p=0.5): return r.random()<p
def labels():
    return {k: pick("a","b","c") for k in ["app","tier","x"] if maybe()}
def env(): 
    ns=["A","B","C","D","E"]; r.shuffle(ns)
    out=[]
    for n in ns[:r.randint(0,5)]:
        e={"name":n}
        if maybe(.8): e["value"]=pick("1","2")
        else: e["valueFrom"]={"fieldRef":{"fieldPath":pick("x","y")}} if maybe() else {"secretKeyRef":{"name":"s","key":pick("k","l")}}
        out.append(e)
    return out
def ports():
    ps=[80,443,53,8080,9090]; r.shuffle(ps)
    out=[]
    for p in ps[:r.randint(0,4)]:
        x={"containerPort":p}
        if maybe(): x["name"]=pick("http","web","dns")
        if maybe(.3): x["protocol"]=pick("TCP","UDP")
        out.append(x)
        if maybe(.08): out.append({"containerPort":p,"protocol":"UDP"})
    return out
def container(name):
    c={"name":name,"image":pick("nginx:1","nginx:2","busybox")}
    if maybe(): c["env"]=env()
    if maybe(): c["ports"]=ports()
    if maybe(.4): c["args"]=[pick("a","b") for _ in range(r.randint(0,3))]
    if maybe(.4): c["resources"]={k:{m:pick("100m","1Gi","2") for m in ["cpu","memory"] if maybe()} for k in ["limits","requests"] if maybe()}
    if maybe(.3): c["volumeMounts"]=[{"name":pick("v","w"),"mountPath":p} for p in r.sample(["/a","/b","/c"],r.randint(0,3))]
    if maybe(.2): c["livenessProbe"]={pick("httpGet","tcpSocket"):{"port":pick(80,81,"http")},"periodSeconds":pick(1,2)}
    return c
def volume(n):
    return {"name":n, **pick({"emptyDir":{}},{"configMap":{"name":pick("a","b")}},{"configMap":{"name":"a","items":[{"key":"k","path":pick("p","q")}]}},{"hostPath":{"path":pick("/x","/y")}})}
def podspec():
    s={"containers":[container(n) for n in r.sample(["web","side","log","db"],r.randint(1,4))]}
    if maybe(.4): s["volumes"]=[volume(n) for n in r.sample(["v","w","x","y"],r.randint(0,4))]
    if maybe(.3): s["tolerations"]=[{"key":pick("a","b"),"operator":"Exists"} for _ in range(r.randint(0,2))]
    if maybe(.3): s["nodeSelector"]=labels()
    if maybe(.3): s["imagePullSecrets"]=[{"name":n} for n in r.sample(["p","q","r"],r.randint(0,3))]
    if maybe(.3): s["hostAliases"]=[{"ip":i,"hostnames":[pick("h","g")]} for i in r.sample(["1.1.1.1","2.2.2.2"],r.randint(0,2))]
    if maybe(.2): s["securityContext"]={"runAsUser":pick(1,2),"supplementalGroups":[pick(1,2),3]}
    if maybe(.2): s["terminationGracePeriodSeconds"]=pick(1,30)
    return s
def meta():
    m={"name":"x"}
    if maybe(): m["labels"]=labels()
    if maybe(): m["annotations"]=labels()
    if maybe(.5): m["finalizers"]=r.sample(["f/a","f/b","f/c","f/d"],r.randint(0,4))
    if maybe(.2): m["ownerReferences"]=[{"uid":u,"name":pick("o","p")} for u in r.sample(["1","2","3"],r.randint(0,3))]
    return m
def deployment():
    d={"apiVersion":"apps/v1","kind":"Deployment","metadata":meta(),"spec":{"template":{"metadata":meta(),"spec":podspec()}}}
    if maybe(): d["spec"]["replicas"]=pick(1,2,3)
    if maybe(): d["spec"]["selector"]={"matchLabels":labels()}
    if maybe(): d["spec"]["strategy"]=pick({"type":"Recreate"},{"type":"RollingUpdate"},{"type":"RollingUpdate","rollingUpdate":{"maxSurge":pick(1,"25%"),"maxUnavailable":0}},{"rollingUpdate":{"maxSurge":1}},{})
    return d
def service():
    ps=[80,443,53]; r.shuffle(ps)
    out=[]
    for p in ps[:r.randint(0,3)]:
        x={"port":p,"targetPort":pick(p,"http")}
        if maybe(): x["name"]="p%d"%p
        if maybe(.3): x["nodePort"]=30000+pick(1,2)
        out.append(x)
        if maybe(.2): out.append({"port":p,"protocol":"UDP","targetPort":1})
    s={"apiVersion":"v1","kind":"Service","metadata":meta(),"spec":{"ports":out,"type":pick("ClusterIP","NodePort")}}
    if maybe(): s["spec"]["selector"]=labels()
    if maybe(.3): s["spec"]["externalIPs"]=r.sample(["1","2","3"],r.randint(0,3))
    if maybe(.3): s["spec"]["loadBalancerSourceRanges"]=r.sample(["1","2","3"],r.randint(0,3))
    return s
def sa():
    return {"apiVersion":"v1","kind":"ServiceAccount","metadata":meta(),"secrets":[{"name":n} for n in r.sample(["p","q","r"],r.randint(0,3))],"imagePullSecrets":[{"name":n} for n in r.sample(["p","q","r"],r.randint(0,3))]}
def mutate(v, depth=0):
    if isinstance(v,dict):
        out={}
        for k,x in v.items():
            if k in("name","containerPort","port","ip","uid","mountPath","kind","apiVersion","metadata","spec","template") or not maybe(.1): out[k]=mutate(x,depth+1)
        return out
    if isinstance(v,list):
        l=[mutate(x,depth+1) for x in v if not maybe(.15)]
        if maybe(.2): r.shuffle(l)
        return l
    if isinstance(v,str) and maybe(.0): return v
    return v
def nulls(v):
    if isinstance(v,dict):
        return {k:(None if k not in("name","containerPort","port","ip","uid","mountPath","metadata","spec","kind","apiVersion") and maybe(.08) else nulls(x)) for k,x in v.items()}
    if isinstance(v,list): return [nulls(x) for x in v]
    return v
def directives(v):
    if isinstance(v,dict):
        out={k:directives(x) for k,x in v.items()}
        if maybe(.04) : out["$patch"]=pick("replace","delete","merge","bad")
        if maybe(.03): out["$retainKeys"]=r.sample(list(out)+["type","name"],r.randint(0,len(out)))
        for k,x in list(out.items()):
            if isinstance(x,list) and not k.startswith("$"):
                if maybe(.15): out["$setElementOrder/"+k]=[ ({"name":i["name"]} if isinstance(i,dict) and "name" in i else i) for i in x]
                if maybe(.15) and x and isinstance(x[0],str): out["$deleteFromPrimitiveList/"+k]=r.sample(x,1); 
        return out
    if isinstance(v,list):
        l=[directives(x) for x in v]
        for x in l:
            if isinstance(x,dict) and maybe(.1): x["$patch"]="delete"
        if maybe(.03): l.append({"$patch":"replace"})
        return l
    return v
cases=[]
for i in range(n):
    make=pick(deployment,deployment,service,sa)
    o=make()
    if i%3==2:
        p=directives(nulls(mutate(make() if maybe() else o)))
        cases.append({"kind":o["kind"],"original":o,"patch":p})
    else:
        m=mutate(o) if maybe() else make()
        if m["kind"]!=o["kind"]: m=mutate(o)
        c=mutate(o) if maybe(.6) else o
        if maybe(.3):
            x=make(); c=mutate(x)
            if maybe(.2): c=o
        if maybe(.15): m=nulls(m)
        if maybe(.15): o={}
        cases.append({"kind":c["kind"],"original":o,"modified":m,"current":c})
json.dump({"strategic":cases},sys.stdout)
