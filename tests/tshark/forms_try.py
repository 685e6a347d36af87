import sys, time, collections, json, argparse, dataclasses
import sandbox, cases, forms
p=argparse.ArgumentParser(); p.add_argument('-f','--form',default=''); p.add_argument('-m','--match',default=''); p.add_argument('--max-frames',type=int,default=1000); p.add_argument('--pass1',action='store_true'); p.add_argument('--pass2',action='store_true'); p.add_argument('-o','--out'); p.add_argument('--count',action='store_true'); p.add_argument('-s','--show',type=int,default=3)
a=p.parse_args()
SKIP={'certificate-plain-subject','certificate-self-signed','certificate-self-signed-connected','certificate-expected','certificate-not-expected'}
cat=sandbox.catalogue()
names=[n for n,s in cat.items() if n not in SKIP and not s['withdrawn'] and a.match in n and s['frames']<=a.max_frames]
def address_row(n):
    s=cat[n]['sessions']
    return [['',x['server'],'','',''] for x in s if x['server']][:1]
room=sandbox.Sandbox()
todo={}
for fname,form in forms.FORMS.items():
    if a.form and a.form not in fname.split(',') and not any(x==fname for x in a.form.split(',')): continue
    cs=[]
    for n in names:
        clean=cases.clean_case(n)
        if n in form.spared: continue
        if form.by_address and not address_row(n): continue
        rows=clean.endpoints+(address_row(n) if form.by_address else [])
        for i,v in enumerate(form.variants(clean.frames)):
            cs.append(cases.Case(f'{n}#{i}',v,rows,clean.keys))
    todo[fname]=cs
if a.count:
    print({k:(len(v),sum(len(c.frames) for c in v)) for k,v in todo.items()}); print(sum(len(v) for v in todo.values()),sum(len(c.frames) for v in todo.values() for c in v)); sys.exit()
passes=[x for x in (False,True) if not (a.pass1 and x) and not (a.pass2 and not x)]
out={}
for two in passes:
    clean={}
    cl=[cases.clean_case(n) for n in names]
    base=dict(zip(names,cases.read_all(room,cl,two)))
    for n in names:
        want=[(x['verdict'],sorted(f['slug'] for f in x['findings'])) for x in cat[n]['sessions']]
        have=[(x.verdict,x.told()) for x in base[n]]
        if want!=have: print('CLEAN',n,cat[n]['endpoints'],'\n  ',want,'\n  ',have)
    clr=[dataclasses.replace(cases.clean_case(n),endpoints=cases.clean_case(n).endpoints+address_row(n)) for n in names]
    baser=dict(zip(names,cases.read_all(room,clr,two)))
    for fname,cs in todo.items():
        form=forms.FORMS[fname]
        t=time.time()
        told=cases.read_all(room,cs,two,form.preferences)
        bad=[]
        for c,got in zip(cs,told):
            n=c.name.split('#')[0]
            comp=cases.complaints(form.rule,(baser if form.by_address else base)[n],got)
            if comp: bad.append((c.name,comp))
        eq=sum(not list(cases._differences(base[c.name.split('#')[0]],got,False)) for c,got in zip(cs,told))
        out[f'{fname}/{2 if two else 1}']=(len(cs),len(bad),bad)
        print(f'{fname:34} {2 if two else 1} tried {len(cs):5} wrong {len(bad):5} equal {eq:5} {time.time()-t:5.1f} s',flush=True)
        for b in bad[:a.show]: print('      ',*b)
if a.out: json.dump(out,open(a.out,'w'))
room.close()
